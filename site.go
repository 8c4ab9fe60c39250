package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"net"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"doorito/adapters/api"
	"doorito/adapters/api/tus"
	"doorito/adapters/fiberx"
	"doorito/adapters/metrics"
	"doorito/adapters/mimetype"
	"doorito/adapters/totp"
	"doorito/adapters/web"
	"doorito/adapters/web/apidoc"
	"doorito/adapters/worker"
	"doorito/app/accounts"
	"doorito/app/dashboard"
	"doorito/app/files"
	"doorito/app/overview"
	"doorito/app/sharing"
	"doorito/app/webhooks"
)

// site is the pages and the API, ready to be served. Metrics are registered
// with reg.
func (p *portal) site(reg prometheus.Registerer) (*fiber.App, error) {
	signIn := &accounts.SignIn{DB: p.db, Hasher: p.hasher, Clock: p.clock, IDs: p.ids, Random: rand.Reader, Keys: p.keys, Codes: totp.NewCodes(rand.Reader)}
	uploads := &files.Uploads{DB: p.db, Blobs: p.blobs, Sniffer: mimetype.NewSniffer(), Clock: p.clock, IDs: p.ids, Log: p.log, Limits: p.cfg.Policy}
	kept := &files.Files{DB: p.db, Blobs: p.blobs, Keys: p.keys, Clock: p.clock, IDs: p.ids, Log: p.log, BaseURL: p.baseURL}
	batches := &files.Batches{DB: p.db}
	archives := &files.Archives{DB: p.db, Blobs: p.blobs, Log: p.log}
	shares := &sharing.Links{DB: p.db, Hasher: p.hasher, Clock: p.clock, IDs: p.ids, Random: rand.Reader}
	previews := &files.Previews{Files: kept, Sniffer: mimetype.NewSniffer()}
	shared := &sharing.Shared{DB: p.db, Files: kept, Archives: archives, Previews: previews, Hasher: p.hasher, Keys: p.keys, Clock: p.clock, IDs: p.ids, Random: rand.Reader}
	endpoints := p.endpoints(p.courier)
	replays := p.replays()
	deliveries := &webhooks.Deliveries{DB: p.db, Stats: p.db.Stats(), Courier: p.courier, Clock: p.clock, IDs: p.ids}
	static, views, err := p.views()
	if err != nil {
		return nil, err
	}
	described, err := apidoc.Parse(api.Document())
	if err != nil {
		return nil, err
	}
	reg.MustRegister(&metrics.Collector{Sources: p.metricSources()})
	app := fiberx.New(fiberx.Config{
		Logger: p.log, IDs: p.ids, Clock: p.clock, SignIn: signIn, Views: views, RenderError: web.RenderError,
		TrustedProxies: p.cfg.TrustedProxies, BaseURL: p.baseURL, UploadLimit: p.cfg.Policy.MaxSize,
		HeaderTimeout: p.cfg.HeaderTimeout, IdleTimeout: p.cfg.IdleTimeout,
		Observe: api.ObserveRequests(reg), Headers: tus.Headers(p.cfg.CORSOrigins),
	})
	api.Register(app, api.Deps{
		Uploads: uploads, Once: uploads, Files: kept, Consumer: kept, Keeper: kept, Batches: batches, Archives: archives, Sessions: p.sessions(), Me: &accounts.Me{DB: p.db}, Clock: p.clock,
		Endpoints: endpoints, EndpointsOnce: endpoints, Keys: endpoints, Filters: endpoints, Deliveries: deliveries, Replays: replays, ReplaysOnce: replays,
		Shares: shares, SharesOnce: shares, BaseURL: p.baseURL,
		RateLimit: p.cfg.APIRateLimit, Ready: p.ready, MetricsToken: p.cfg.MetricsToken, Logger: p.log,
	})
	taken := p.sessions()
	tus.Register(app, tus.Deps{Sessions: taken, Together: taken, Files: kept, Clock: p.clock, MaxSize: p.cfg.Policy.MaxSize, CORSOrigins: p.cfg.CORSOrigins})
	web.Register(app, web.Deps{
		SignIn: signIn, Uploads: uploads, Sessions: p.sessions(), Files: kept, Batches: batches, Archives: archives, Users: p.users(), Accounts: &accounts.Accounts{Users: p.users()}, Audit: &accounts.History{DB: p.db}, Overview: &overview.Overview{DB: p.db}, Search: &overview.Search{DB: p.db}, Consumer: kept, Keeper: kept, Checks: p.fileChecks(), Labels: uploads,
		Dashboard: &dashboard.Dashboard{DB: p.db, Stats: p.db.Stats(), Charts: p.db.Charts(), Clock: p.clock},
		Endpoints: endpoints, Keys: endpoints, Filters: endpoints,
		Shares: shares, Shared: shared, Previews: previews,
		Tokens:      p.tokens(),
		Deliveries:  deliveries,
		Replays:     replays,
		Schedules:   p.schedules(p.queue.tasks),
		Profile:     &accounts.Profile{Users: p.users()},
		Factor:      p.secondFactor(),
		Invitations: &accounts.Invitations{Users: p.users()},
		API:         described,
		Sealer:      p.keys, Random: rand.Reader,
		Static: static, Monitor: worker.NewMonitor("/admin/jobs", "/app/", p.queue.redis),
		Clock: p.clock, Version: version, BaseURL: p.baseURL, Logger: p.log,
	})
	return app, nil
}

// views are the embedded pages and what they load.
func (p *portal) views() (*web.Static, fiber.Views, error) {
	files, err := fs.Sub(assets, "static")
	if err != nil {
		return nil, nil, err
	}
	pages, err := fs.Sub(assets, "templates")
	if err != nil {
		return nil, nil, err
	}
	static, err := web.NewStatic(files)
	if err != nil {
		return nil, nil, err
	}
	views, err := web.NewViews(pages, static, p.clock)
	return static, views, err
}

// listen serves until ctx ends, then lets requests under way finish.
func (p *portal) listen(ctx context.Context, app *fiber.App, l net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- app.Listener(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	if err := app.ShutdownWithTimeout(p.cfg.ShutdownGrace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// metricSources are what /metrics asks.
func (p *portal) metricSources() metrics.Sources {
	return metrics.Sources{
		DB: p.db, Stats: p.db.Stats(), Charts: p.db.Charts(), Clock: p.clock, Log: p.log, Pools: p.db.Pools,
		Queues: func() (map[string]map[string]int, error) { return worker.Sizes(p.queue.redis) },
		Budget: func() (used, limit int64) {
			if p.budget != nil {
				used = p.budget.Used()
			}
			return used, p.cfg.UploadBufferBudget
		},
	}
}

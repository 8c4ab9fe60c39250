package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"doorito/adapters/api"
	"doorito/adapters/cli"
	"doorito/adapters/fiberx"
	"doorito/adapters/mimetype"
	"doorito/adapters/web"
	"doorito/adapters/worker"
	"doorito/app/accounts"
	"doorito/app/dashboard"
	"doorito/app/engine"
	"doorito/app/files"
	"doorito/app/upkeep"
	"doorito/app/webhooks"
	"doorito/domain"
	"doorito/ports"
)

// slots is how many webhook requests one process has in flight at most.
const slots = 256

// portal is a running process: what serve starts and stops.
type portal struct {
	*wiring
	blobs   ports.Blobs
	courier *engine.Courier
	baseURL string
	parts   []part
}

// part runs until its context ends.
type part struct {
	name string
	run  func(ctx context.Context) error
}

// serve runs the roles until ctx ends, then drains them within SHUTDOWN_GRACE_SECONDS.
func (w *wiring) serve(ctx context.Context, r cli.Roles) error {
	if all := r.Web && r.Worker && r.Scheduler; !all && (w.cfg.DatabaseURL == "" || w.cfg.RedisURL == "") {
		return &cli.UsageError{Err: errors.New("web, worker and scheduler need DATABASE_URL and REDIS_URL, since the embedded database and queue live in one process; use doorito serve for everything in one")}
	}
	p := &portal{wiring: w}
	defer w.close()
	if err := p.open(ctx); err != nil {
		return err
	}
	var listener net.Listener
	if r.Web {
		var err error
		if listener, err = net.Listen("tcp", w.cfg.ListenAddr); err != nil {
			return err
		}
	}
	p.baseURL = w.cfg.baseURL(address(listener, w.cfg.ListenAddr))
	sender := w.sender()
	defer sender.Close()
	p.courier = w.courier(sender, p.baseURL)
	if err := p.prepare(ctx); err != nil {
		return err
	}
	if r.Web {
		if err := p.addWeb(listener); err != nil {
			return err
		}
	}
	if r.Worker {
		p.addWorker()
	}
	if r.Scheduler {
		p.add("scheduler", func(ctx context.Context) error {
			worker.SchedulerLoop(ctx, p.scheduler(), p.clock, p.log)
			return nil
		})
	}
	if r.Web {
		fmt.Fprintln(w.out, "listening on http://"+address(listener, w.cfg.ListenAddr))
	} else {
		fmt.Fprintln(w.out, "ready")
	}
	return p.runAll(ctx)
}

// address is where the listener really is: the port may have been 0.
func address(l net.Listener, configured string) string {
	if l == nil {
		return configured
	}
	return l.Addr().String()
}

func (p *portal) open(ctx context.Context) error {
	if err := p.openKeys(); err != nil {
		return err
	}
	var err error
	if p.queue, err = openQueue(p.cfg.RedisURL, p.clock, p.log); err != nil {
		return err
	}
	if err := p.openDatabase(ctx, p.queue.bell); err != nil {
		return err
	}
	p.blobs, err = p.openBlobs(ctx)
	return err
}

// prepare makes the first admin and seeds the schedules.
func (p *portal) prepare(ctx context.Context) error {
	user, random, err := p.users().Bootstrap(ctx, p.cfg.AdminEmail, p.cfg.AdminPassword)
	if err != nil {
		return err
	}
	if user != nil && random != "" {
		fmt.Fprintf(p.out, "first login: %s with password %s (shown this once)\n", user.Email, random)
	}
	return p.scheduler().Seed(ctx, upkeep.Intervals{Sweep: p.cfg.OutboxSweep, FilesCleanup: p.cfg.CleanupUploadsHours, OutboxCleanup: 6})
}

func (p *portal) add(name string, run func(ctx context.Context) error) {
	p.parts = append(p.parts, part{name, run})
}

func (p *portal) scheduler() *upkeep.Scheduler {
	return &upkeep.Scheduler{DB: p.db, Tasks: p.queue.tasks, Cron: worker.NewCron(), Clock: p.clock, IDs: p.ids, Log: p.log}
}

func (p *portal) addWorker() {
	e := &engine.Engine{
		DB: p.db, Courier: p.courier, Bell: p.queue.bell, Clock: p.clock, IDs: p.ids, Log: p.log,
		Batch: p.cfg.OutboxBatchSize, Slots: slots, Grace: p.cfg.ShutdownGrace,
	}
	work := &upkeep.Upkeep{
		DB: p.db, Blobs: p.blobs, Engine: e, Clock: p.clock, IDs: p.ids, Log: p.log,
		OutboxRetention: p.cfg.OutboxRetention, AttemptRetention: p.cfg.AttemptRetention,
		ExpiryNotice: p.cfg.ExpiryNotice, NoticeInterval: time.Hour,
	}
	p.add("engine", e.Run)
	p.add("worker", worker.NewServer(p.queue.redis, work, p.clock, p.log, p.cfg.ShutdownGrace).Run)
	p.add("backstop", func(ctx context.Context) error {
		worker.Backstop(ctx, p.queue.tasks, p.log)
		return nil
	})
}

func (p *portal) addWeb(l net.Listener) error {
	signIn := &accounts.SignIn{DB: p.db, Hasher: p.hasher, Clock: p.clock, IDs: p.ids, Random: rand.Reader}
	uploads := &files.Uploads{DB: p.db, Blobs: p.blobs, Sniffer: mimetype.NewSniffer(), Clock: p.clock, IDs: p.ids, Log: p.log, Limits: p.cfg.Policy}
	kept := &files.Files{DB: p.db, Blobs: p.blobs, Keys: p.keys, Clock: p.clock, IDs: p.ids, Log: p.log, BaseURL: p.baseURL}
	batches := &files.Batches{DB: p.db}
	static, err := fs.Sub(assets, "static")
	if err != nil {
		return err
	}
	templates, err := fs.Sub(assets, "templates")
	if err != nil {
		return err
	}
	site, err := web.NewStatic(static)
	if err != nil {
		return err
	}
	views, err := web.NewViews(templates, site, p.clock)
	if err != nil {
		return err
	}
	app := fiberx.New(fiberx.Config{
		Logger: p.log, IDs: p.ids, Clock: p.clock, SignIn: signIn, Views: views, RenderError: web.RenderError,
		TrustedProxies: p.cfg.TrustedProxies, BaseURL: p.baseURL, UploadLimit: p.cfg.Policy.MaxSize,
		Observe: api.ObserveRequests(prometheus.DefaultRegisterer),
	})
	api.Register(app, api.Deps{Uploads: uploads, Files: kept, Batches: batches, Ready: p.ready, MetricsToken: p.cfg.MetricsToken, Logger: p.log})
	web.Register(app, web.Deps{
		SignIn: signIn, Uploads: uploads, Files: kept, Batches: batches, Users: p.users(),
		Dashboard:  &dashboard.Dashboard{DB: p.db, Stats: p.db.Stats(), Clock: p.clock},
		Endpoints:  p.endpoints(p.courier),
		Deliveries: &webhooks.Deliveries{DB: p.db, Courier: p.courier, Clock: p.clock, IDs: p.ids},
		Static:     site, Monitor: worker.NewMonitor("/admin/jobs", "/app/", p.queue.redis),
		Clock: p.clock, Version: version, BaseURL: p.baseURL, Logger: p.log,
	})
	p.add("web", func(ctx context.Context) error { return p.listen(ctx, app, l) })
	return nil
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

// ready asks each part; a queue that is down does not stop uploads, so it is
// told but does not make the portal unready.
func (p *portal) ready(ctx context.Context) map[string]error {
	return map[string]error{"database": p.db.Ping(ctx), "storage": p.blobs.Ping(ctx)}
}

// runAll runs the parts side by side. The first one that fails ends the others.
func (p *portal) runAll(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(p.parts))
	for _, pt := range p.parts {
		go func() {
			err := pt.run(ctx)
			if err != nil {
				err = domain.WrapError(domain.Internal, err, "The part %s ended.", pt.name)
			}
			ended <- err
		}()
	}
	var first error
	for range p.parts {
		if err := <-ended; err != nil && first == nil {
			first = err
			cancel()
		}
	}
	return first
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"doorito/adapters/cli"
	"doorito/adapters/disk"
	"doorito/adapters/metrics"
	"doorito/adapters/mimetype"
	"doorito/adapters/worker"
	"doorito/app/engine"
	"doorito/app/files"
	"doorito/app/sessions"
	"doorito/app/upkeep"
)

// slots is how many webhook requests one process has in flight at most.
const slots = 512

// workerGC is how far the heap of a process that only works grows between two
// collections, in percent: nearly all it holds is of deliveries, and garbage
// within milliseconds. With the usual 100 a fifth of its time is collecting.
const workerGC = 400

// diskGC is the same of a process that takes uploads onto a disk, which holds
// more. With S3 there is a limit for its memory instead (besideBuffers).
const diskGC = 200

// webThreads is on how many threads for each processor a web process runs Go
// code. One that waits for the disk counts until the runtime takes notice, and
// what it would run next stands still as long.
const webThreads = 2

// portal is a running process: what serve starts and stops.
type portal struct {
	*wiring
	blobs   storage
	courier *engine.Courier
	baseURL string
	parts   []part

	resumable *sessions.Sessions
	checks    *files.Checks
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
	p.courier = w.courier(metrics.NewSender(sender, prometheus.DefaultRegisterer), p.baseURL)
	if err := p.prepare(ctx); err != nil {
		return err
	}
	switch {
	case os.Getenv("GOGC") != "":
	case r.Worker && !r.Web:
		debug.SetGCPercent(workerGC)
	case r.Web && w.cfg.S3Bucket == "":
		debug.SetGCPercent(diskGC)
	}
	if r.Web {
		if os.Getenv("GOMAXPROCS") == "" {
			runtime.GOMAXPROCS(webThreads * runtime.GOMAXPROCS(0))
		}
		app, err := p.site(prometheus.DefaultRegisterer)
		if err != nil {
			return err
		}
		p.add("web", func(ctx context.Context) error { return p.listen(ctx, app, listener) })
	}
	if r.Worker {
		p.addWorker()
		p.db.Warm(ctx)
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

// fileChecks are one for the process: who asks wakes who reads.
func (p *portal) fileChecks() *files.Checks {
	if p.checks == nil {
		p.checks = files.NewChecks(p.db, p.blobs, p.clock, p.ids, p.log)
	}
	return p.checks
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

// sessions are one for the process: its writers know of each other.
func (p *portal) sessions() *sessions.Sessions {
	if p.resumable == nil {
		p.resumable = &sessions.Sessions{
			DB: p.db, Blobs: p.blobs, Staging: p.blobs, Sniffer: mimetype.NewSniffer(), Clock: p.clock, IDs: p.ids, Log: p.log,
			Limits: p.cfg.Policy, TTL: p.cfg.SessionTTL,
		}
	}
	return p.resumable
}

func (p *portal) addWorker() {
	e := &engine.Engine{
		DB: p.db, Courier: p.courier, Bell: p.queue.bell, Clock: p.clock, IDs: p.ids, Log: p.log,
		Batch: p.cfg.OutboxBatchSize, Slots: slots, Grace: p.cfg.ShutdownGrace, Poll: engine.DefaultPoll,
		Tenures: disk.NewTenures(filepath.Join(p.cfg.DataDir, "workers")),
	}
	work := &upkeep.Upkeep{
		DB: p.db, Blobs: p.blobs, Engine: e, Clock: p.clock, IDs: p.ids, Log: p.log, Sessions: p.sessions(),
		Inventory: p.blobs, Staging: p.blobs, Figures: p.db.Figures(),
		OutboxRetention: p.cfg.OutboxRetention, AttemptRetention: p.cfg.AttemptRetention,
		ExpiryNotice: p.cfg.ExpiryNotice, NoticeInterval: time.Hour,
	}
	p.add("engine", e.Run)
	p.add("replays", p.replays().Run)
	p.add("worker", worker.NewServer(p.queue.redis, work, p.clock, p.log, p.cfg.ShutdownGrace).Run)
	p.add("checks", p.fileChecks().Run)
	p.add("repair", func(ctx context.Context) error {
		worker.RepairLoop(ctx, p.sessions(), p.log)
		return nil
	})
	p.add("backstop", func(ctx context.Context) error {
		worker.Backstop(ctx, p.scheduler(), p.log)
		return nil
	})
}

// ready asks each part; a queue that is down does not stop uploads, so it is
// told but does not make the portal unready.
func (p *portal) ready(ctx context.Context) map[string]error {
	return map[string]error{"database": p.db.Ping(ctx), "storage": p.blobs.Ping(ctx)}
}

// runAll runs the parts side by side until ctx ends or one of them fails. Then
// they end one after the other in the order in which they were added: the web
// drains its uploads while what they announce is still delivered.
func (p *portal) runAll(ctx context.Context) error {
	ended := make([]chan error, len(p.parts))
	stops := make([]context.CancelFunc, len(p.parts))
	failed := make(chan struct{}, len(p.parts))
	for i, pt := range p.parts {
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		stops[i], ended[i] = cancel, make(chan error, 1)
		go func() {
			err := pt.run(own)
			ended[i] <- err
			if err != nil {
				failed <- struct{}{}
			}
		}()
	}
	select {
	case <-ctx.Done():
	case <-failed:
	}
	var errs []error
	for i, pt := range p.parts {
		stops[i]()
		if err := <-ended[i]; err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", pt.name, err))
		}
	}
	return errors.Join(errs...)
}

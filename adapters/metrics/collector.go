// Package metrics tells Prometheus how the portal is. What the database knows is
// read when somebody asks, and is the same whichever process answers; what goes
// through this process is counted in it.
package metrics

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"doorito/domain"
	"doorito/ports"
)

// askFor bounds one look at the database and the queue.
const askFor = 3 * time.Second

// Sources are what is asked. Budget and Queues may be nil.
type Sources struct {
	DB     ports.Transactor
	Stats  ports.Stats
	Charts ports.Charts
	Clock  ports.Clock
	Log    *slog.Logger
	// Pools are the connections to the database by the name of the pool.
	Pools func() map[string]sql.DBStats
	// Queues are the tasks by queue and state.
	Queues func() (map[string]map[string]int, error)
	// Budget is the memory of part buffers, used and allowed.
	Budget func() (used, limit int64)
}

// Collector implements prometheus.Collector. What cannot be had right now is
// left out and logged.
type Collector struct{ Sources }

var _ prometheus.Collector = (*Collector)(nil)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("doorito_"+name, help, labels, nil)
}

var (
	uploads     = describe("uploads_total", "Uploads that ended, by outcome: stored or refused.", "outcome")
	uploadBytes = describe("upload_bytes_total", "Bytes of stored uploads.")
	attempts    = describe("delivery_attempts_total", "Webhook requests by result: delivered or failed.", "result")
	oldest      = describe("oldest_pending_event_age_seconds", "How long the oldest event or delivery that is due has been waiting; 0 when nothing is.")
	pending     = describe("deliveries_pending", "Deliveries that wait, by endpoint; counting stops at 10,000.", "endpoint")
	storedBytes = describe("storage_bytes", "Bytes that are kept.")
	storedFiles = describe("storage_files", "Files that are kept.")
	queueTasks  = describe("queue_tasks", "Tasks in the queue, by queue and state.", "queue", "state")
	budgetUsed  = describe("upload_buffer_bytes", "Memory of part buffers in use.")
	budgetLimit = describe("upload_buffer_limit_bytes", "Memory that part buffers may use: UPLOAD_BUFFER_BUDGET.")
	poolOpen    = describe("db_connections", "Connections to the database, by pool and whether they are in use or idle.", "pool", "state")
	poolLimit   = describe("db_connections_limit", "Most connections that a pool opens.", "pool")
	poolWaits   = describe("db_waits_total", "How often a connection had to be waited for.", "pool")
	poolWaited  = describe("db_wait_seconds_total", "How long connections were waited for.", "pool")
)

// Describe implements prometheus.Collector.
func (c *Collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{uploads, uploadBytes, attempts, oldest, pending, storedBytes, storedFiles, queueTasks, budgetUsed, budgetLimit, poolOpen, poolLimit, poolWaits, poolWaited} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askFor)
	defer cancel()
	for name, step := range map[string]func(context.Context, chan<- prometheus.Metric) error{"uploads": c.uploads, "deliveries": c.deliveries, "queue": c.queue} {
		if err := step(ctx, out); err != nil {
			c.Log.Warn("metrics are incomplete", "part", name, "error", err)
		}
	}
	if c.Budget != nil {
		used, limit := c.Budget()
		gauge(out, budgetUsed, float64(used))
		gauge(out, budgetLimit, float64(limit))
	}
	for pool, s := range c.Pools() {
		gauge(out, poolOpen, float64(s.InUse), pool, "in_use")
		gauge(out, poolOpen, float64(s.Idle), pool, "idle")
		gauge(out, poolLimit, float64(s.MaxOpenConnections), pool)
		counter(out, poolWaits, float64(s.WaitCount), pool)
		counter(out, poolWaited, s.WaitDuration.Seconds(), pool)
	}
}

func gauge(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func counter(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
}

// uploads sums up all hours there are.
func (c *Collector) uploads(ctx context.Context, out chan<- prometheus.Metric) error {
	hours, err := c.Stats.FilesByHour(ctx, nil, time.Time{}, c.later())
	if err != nil {
		return err
	}
	var stored, refused int
	var bytes int64
	for _, h := range hours {
		stored, refused, bytes = stored+h.Stored, refused+h.Failed, bytes+h.Bytes
	}
	counter(out, uploads, float64(stored), "stored")
	counter(out, uploads, float64(refused), "refused")
	counter(out, uploadBytes, float64(bytes))
	kept, files, err := c.Stats.Storage(ctx, nil)
	if err != nil {
		return err
	}
	gauge(out, storedBytes, float64(kept))
	gauge(out, storedFiles, float64(files))
	return nil
}

// later is after everything that has begun: a row may carry the clock of
// another machine.
func (c *Collector) later() time.Time { return c.Clock.Now().Add(time.Minute) }

func (c *Collector) deliveries(ctx context.Context, out chan<- prometheus.Metric) error {
	hours, err := c.Charts.DeliveriesByHour(ctx, time.Time{}, c.later())
	if err != nil {
		return err
	}
	var ok, failed int
	for _, h := range hours {
		ok, failed = ok+h.OK, failed+h.Failed
	}
	counter(out, attempts, float64(ok), "delivered")
	counter(out, attempts, float64(failed), "failed")
	now := c.Clock.Now()
	due, err := c.DB.Reads().Deliveries.OldestDue(ctx, now)
	if err != nil {
		return err
	}
	age := 0.0
	if !due.IsZero() {
		age = now.Sub(due).Seconds()
	}
	gauge(out, oldest, age)
	backlogs, err := c.Stats.Backlogs(ctx)
	if err != nil {
		return err
	}
	for _, b := range backlogs {
		gauge(out, pending, float64(b.Pending), b.EndpointID.String())
	}
	return nil
}

func (c *Collector) queue(_ context.Context, out chan<- prometheus.Metric) error {
	if c.Queues == nil {
		return nil
	}
	queues, err := c.Queues()
	for name, states := range queues {
		for state, n := range states {
			gauge(out, queueTasks, float64(n), name, state)
		}
	}
	return err
}

// Sender times webhook requests on their way through.
type Sender struct {
	ports.Sender
	took *prometheus.HistogramVec
}

var _ ports.Sender = (*Sender)(nil)

// NewSender registers a histogram of the requests of next.
func NewSender(next ports.Sender, reg prometheus.Registerer) *Sender {
	s := &Sender{Sender: next, took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "doorito_delivery_duration_seconds", Help: "From the connection until the answer of a webhook, by result.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20},
	}, []string{"result"})}
	reg.MustRegister(s.took)
	return s
}

// Send implements ports.Sender.
func (s *Sender) Send(ctx context.Context, r ports.SendRequest) ports.SendResult {
	res := s.Sender.Send(ctx, r)
	result := "failed"
	if a := (&domain.Attempt{StatusCode: res.StatusCode, ErrorClass: res.ErrorClass}); a.OK() {
		result = "delivered"
	}
	s.took.WithLabelValues(result).Observe(res.Phases.Total.Seconds())
	return res
}

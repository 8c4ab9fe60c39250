package main

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"doorito/adapters/metrics"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

// gathered is every series by its name, labels after it in their order.
func gathered(t *testing.T, reg prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			out[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return out
}

func TestMetricsTellHowThePortalIs(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]string{"sqlite": "", "postgres": world.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouseOn(t, database)
			reg := prometheus.NewRegistry()
			sources := h.p.metricSources()
			sources.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
			reg.MustRegister(&metrics.Collector{Sources: sources})
			endpoint := h.endpoint(t)
			h.file(t)
			h.file(t)
			if err := h.p.queue.tasks.Enqueue(context.Background(), domain.TaskSweep); err != nil {
				t.Fatal(err)
			}
			got := gathered(t, reg)
			pools := []string{"writer", "readers"}
			if database != "" {
				pools = []string{"main", "engine"}
			}
			for series, want := range map[string]float64{
				"doorito_uploads_total stored": 2, "doorito_uploads_total refused": 0, "doorito_upload_bytes_total": 10,
				"doorito_storage_bytes": 10, "doorito_storage_files": 2,
				"doorito_delivery_attempts_total delivered": 0, "doorito_delivery_attempts_total failed": 0,
				"doorito_queue_tasks housekeeping pending": 1, "doorito_queue_tasks housekeeping active": 0,
				"doorito_upload_buffer_bytes": 0, "doorito_upload_buffer_limit_bytes": 256 << 20,
				"doorito_db_waits_total " + pools[0]: got["doorito_db_waits_total "+pools[0]],
			} {
				if v, ok := got[series]; !ok || v != want {
					t.Errorf("%s is %v (%v), want %v", series, v, ok, want)
				}
			}
			for _, pool := range pools {
				for _, series := range []string{"doorito_db_connections " + pool + " in_use", "doorito_db_connections " + pool + " idle", "doorito_db_connections_limit " + pool, "doorito_db_wait_seconds_total " + pool} {
					if _, ok := got[series]; !ok {
						t.Errorf("there is no %s", series)
					}
				}
			}
			if age := got["doorito_oldest_pending_event_age_seconds"]; age <= 0 || age > 60 {
				t.Errorf("the oldest event waits for %v s", age)
			}
			if n, ok := got["doorito_deliveries_pending "+endpoint.String()]; ok {
				t.Errorf("%v deliveries wait before anything was relayed", n)
			}
		})
	}
}

type answering int

func (a answering) Send(context.Context, ports.SendRequest) ports.SendResult {
	return ports.SendResult{StatusCode: int(a), Phases: domain.Phases{Total: time.Millisecond}}
}

func TestWebhooksAreTimedByResult(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{http.StatusNoContent: "delivered", http.StatusBadGateway: "failed", 0: "failed"} {
		reg := prometheus.NewRegistry()
		res := metrics.NewSender(answering(code), reg).Send(context.Background(), ports.SendRequest{})
		if got := gathered(t, reg); res.StatusCode != code || got["doorito_delivery_duration_seconds "+want] != 1 || len(got) != 1 {
			t.Errorf("%d: %v", code, got)
		}
	}
}

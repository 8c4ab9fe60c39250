package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"time"
)

const hangingEndpoints = 10

// hangingPace goes on for longer than the first requests hang.
var hangingPace = pace{perSecond: 50, events: 900}

// hanging measures nine endpoints twice: with a tenth that answers, and with
// one that hangs until its time-out, again and again.
func hanging(ctx context.Context, b *bench, t *table) error {
	well, err := nineOfTen(ctx, b, false)
	if err != nil {
		return err
	}
	ill, err := nineOfTen(ctx, b, true)
	if err != nil {
		return err
	}
	b.progress("p99 %.2f ms, with one that hangs %.2f ms", percentile(well, 99), percentile(ill, 99))
	const limit = "all ten answer"
	t.add("p50 of nine while one hangs", median(ill), "ms").against(limit, median(well), 0)
	t.add("p99 of nine while one hangs", percentile(ill, 99), "ms").against(limit, percentile(well, 99), 0).wantRatioAtMost(1.5)
	t.add("slowest of nine while one hangs", percentile(ill, 100), "ms").against(limit, percentile(well, 100), 0)
	t.note("%d events a second to each, commit → request; the time-out is 5 s and the run takes %d.", hangingPace.perSecond, hangingPace.events/hangingPace.perSecond)
	return nil
}

func nineOfTen(ctx context.Context, b *bench, hang bool) ([]float64, error) {
	s, err := setStage(ctx, b)
	if err != nil {
		return nil, err
	}
	defer s.clear()
	s.env = append(s.env, "WEBHOOK_TIMEOUT_SECONDS=5")
	arrived := make(chan arrival, hangingPace.events*hangingEndpoints)
	if err := s.endpoints(ctx, hangingEndpoints-1, func(a arrival) { arrived <- a }); err != nil {
		return nil, err
	}
	if err := s.endpoint(ctx, tenth(hang)); err != nil {
		return nil, err
	}
	worker, err := s.worker(ctx)
	if err != nil {
		return nil, err
	}
	defer worker.Kill()
	e, err := s.emitter(ctx)
	if err != nil {
		return nil, err
	}
	defer e.close()
	ways, err := e.run(ctx, hangingPace, hangingEndpoints-1, arrived)
	return tookOf(ways, func(w way) float64 { return w.took }), err
}

// tenth answers at once, or never.
func tenth(hang bool) *httptest.Server {
	if !hang {
		return receive(func(arrival) {})
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	}))
}

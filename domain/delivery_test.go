package domain_test

import (
	"testing"
	"time"

	"doorito/domain"
)

func pendingDelivery() *domain.Delivery {
	e, ep := &domain.Event{ID: id1, Type: domain.EventFileStored}, &domain.Endpoint{ID: id2}
	d := domain.NewDelivery(id1, e, ep, "a.pdf", now)
	until := later
	d.LeaseToken, d.LeaseUntil = &id2, &until
	return d
}

func TestRecordingAttempts(t *testing.T) {
	t.Parallel()
	three := domain.RetrySchedule{0, time.Minute, time.Hour}
	for name, c := range map[string]struct {
		attempt domain.Attempt
		made    int
		after   time.Duration
		want    domain.DeliveryStatus
		wait    time.Duration
	}{
		"204":                       {attempt: domain.Attempt{StatusCode: 204}, want: domain.DeliveryDelivered},
		"299":                       {attempt: domain.Attempt{StatusCode: 299}, want: domain.DeliveryDelivered},
		"300 is no success":         {attempt: domain.Attempt{StatusCode: 300, ErrorClass: domain.ErrStatus}, want: domain.DeliveryPending, wait: time.Minute},
		"199 is no success":         {attempt: domain.Attempt{StatusCode: 199}, want: domain.DeliveryPending, wait: time.Minute},
		"500, then the next step":   {attempt: domain.Attempt{StatusCode: 500}, made: 1, want: domain.DeliveryPending, wait: time.Hour},
		"500 at the last":           {attempt: domain.Attempt{StatusCode: 500}, made: 2, want: domain.DeliveryFailed},
		"200 at the last":           {attempt: domain.Attempt{StatusCode: 200}, made: 2, want: domain.DeliveryDelivered},
		"no answer":                 {attempt: domain.Attempt{ErrorClass: domain.ErrTimeout}, want: domain.DeliveryPending, wait: time.Minute},
		"410 ends it":               {attempt: domain.Attempt{StatusCode: 410}, want: domain.DeliveryFailed},
		"Retry-After":               {attempt: domain.Attempt{StatusCode: 429}, after: 90 * time.Second, want: domain.DeliveryPending, wait: 90 * time.Second},
		"Retry-After up to double":  {attempt: domain.Attempt{StatusCode: 503}, after: 24 * time.Hour, want: domain.DeliveryPending, wait: 2 * time.Minute},
		"Retry-After never shorter": {attempt: domain.Attempt{StatusCode: 503}, after: time.Second, want: domain.DeliveryPending, wait: time.Minute},
	} {
		d := pendingDelivery()
		d.Attempts = c.made
		a := c.attempt
		a.Number, a.StartedAt = c.made+7, now
		d.Record(&a, three, 0, c.after, later)
		if d.Status != c.want || d.Attempts != c.made+1 || d.AttemptsMade != c.made+7 || d.LeaseToken != nil || d.LeaseUntil != nil {
			t.Errorf("%s: %+v", name, d)
		}
		if c.want == domain.DeliveryPending && !d.NextAttemptAt.Equal(later.Add(c.wait)) {
			t.Errorf("%s: next at %s, want %s later", name, d.NextAttemptAt, c.wait)
		}
		if (d.DeliveredAt != nil) != (c.want == domain.DeliveryDelivered) || d.LastStatusCode != a.StatusCode || d.LastErrorClass != a.ErrorClass {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestReopeningADelivery(t *testing.T) {
	t.Parallel()
	for _, status := range domain.DeliveryStatuses {
		d := pendingDelivery()
		d.Status, d.Attempts, d.DeliveredAt, d.LeaseToken, d.LeaseUntil = status, 4, &now, nil, nil
		if err := d.Reopen(later); err != nil || d.Status != domain.DeliveryPending || d.Attempts != 0 || !d.NextAttemptAt.Equal(later) || d.DeliveredAt != nil {
			t.Errorf("%s: %v, %+v", status, err, d)
		}
	}
	d := pendingDelivery()
	wantCode(t, "being sent", d.Reopen(now), domain.Conflict)
	if err := d.Reopen(later); err != nil || d.LeaseToken != nil {
		t.Errorf("after its lease: %v", err)
	}
}

func TestStatusText(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{502: "502 Bad Gateway", 299: "299", 200: "200 OK"} {
		if got := domain.StatusText(code); got != want {
			t.Errorf("%d: %q", code, got)
		}
	}
}

func TestRetryWaitsStayWithinTheirJitter(t *testing.T) {
	t.Parallel()
	s := domain.DefaultRetrySchedule
	for made := range len(s) + 3 {
		step := s[min(made, len(s)-1)]
		for _, jitter := range []float64{-1, -0.5, 0, 0.5, 1} {
			for _, after := range []time.Duration{-time.Hour, 0, time.Second, 300 * time.Hour} {
				w := s.Wait(made, jitter, after)
				if w < step-step/5 || w > 2*step {
					t.Errorf("after %d with jitter %v and Retry-After %s: %s for a step of %s", made, jitter, after, w, step)
				}
				if after <= 0 && w > step+step/5 {
					t.Errorf("after %d with jitter %v: %s for a step of %s", made, jitter, w, step)
				}
			}
		}
	}
}

func TestParseRetrySchedule(t *testing.T) {
	t.Parallel()
	got, err := domain.ParseRetrySchedule("0s, 5s,5m ,720h")
	if err != nil || len(got) != 4 || got[3] != 720*time.Hour {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", ",", "5", "5m,", "-1s", "721h", "a,b", "0s;5s"} {
		_, err := domain.ParseRetrySchedule(bad)
		wantCode(t, bad, err, domain.Invalid)
	}
	many := "0s"
	for range 50 {
		many += ",1s"
	}
	_, err = domain.ParseRetrySchedule(many)
	wantCode(t, "51 waits", err, domain.Invalid)
}

package engine_test

import (
	"context"
	"testing"
	"time"

	"doorito/app/engine"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

// soon is the second of the due-poll, and what a busy machine adds to it.
const soon = 6 * time.Second

// The crash table of the design: "final commit / bell". The process that stored
// the file died before it rang; a worker looks by itself.
func TestCrashFinalCommitBell(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		r := world.NewReceiver(t)
		w.MustEndpoint(t, r.URL)
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- w.Engine.Run(ctx) }()
		w.MustUpload(t, staff, "a.txt", "hello", nil)
		r.Await(t, 1) // it runs and listens
		w.Bell.FailWith(context.DeadlineExceeded)
		w.MustUpload(t, staff, "b.txt", "hello", nil)
		committed := time.Now()
		r.Await(t, 2)
		if took := time.Since(committed); took > soon {
			t.Errorf("seen only after %s", took)
		}
		stop()
		<-ended
	})
}

// dies is a sender whose process dies: before a request goes out, or after its
// answer came. Nothing is written down any more.
type dies struct {
	ports.Sender
	w      *world.World
	before bool
}

func (d dies) Send(ctx context.Context, r ports.SendRequest) ports.SendResult {
	var res ports.SendResult
	if !d.before {
		res = d.Sender.Send(ctx, r)
	}
	d.w.DB.Close()
	return res
}

// The crash table of the design: "deliveries inserted / sent". Nobody else
// touches them before their lease runs out, which takes less than 15 s.
func TestCrashDeliveriesInsertedSent(t *testing.T) {
	t.Parallel()
	crashed(t, true, 1)
}

// The crash table of the design: "sent / result written". It is sent again,
// under the same id: the one duplicate we allow.
func TestCrashSentResultWritten(t *testing.T) {
	t.Parallel()
	crashed(t, false, 2)
}

func crashed(t *testing.T, before bool, sent int) {
	if engine.LeaseTTL > 15*time.Second {
		t.Errorf("a lease of %s", engine.LeaseTTL)
	}
	world.Each(t, func(t *testing.T, w *world.World) {
		r := owed(t, w)
		dead := w.Another(t)
		dead.Courier.Sender = dies{dead.Sender, dead, before}
		_, _ = dead.Engine.Pass(context.Background())
		if done := pass(t, w); done.Delivered != 0 {
			t.Error("a leased delivery was sent by another worker")
		}
		w.Clock.Advance(engine.LeaseTTL + time.Millisecond)
		if done := pass(t, w); done.Delivered != 1 {
			t.Errorf("after the lease: %+v", done)
		}
		got := r.Got()
		if len(got) != sent || id(got[0]) != id(got[len(got)-1]) {
			t.Errorf("sent %d times, want %d", len(got), sent)
		}
		if e := event(t, w); e.Status != domain.EventDelivered {
			t.Errorf("event is %s", e.Status)
		}
	})
}

func id(w world.Webhook) string { return w.Header.Get("Webhook-Id") }

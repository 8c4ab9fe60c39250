package portstest

import (
	"context"
	"testing"
	"time"

	"doorito/ports"
)

// earshot is how long a suite waits for what must come.
const earshot = 15 * time.Second

// Bell checks a ports.Bell; ring makes two bells that reach each other, as two
// processes have them (or the same one twice).
func Bell(t *testing.T, pair func(*testing.T) (ring, listen ports.Bell)) {
	t.Run("a ring is heard", func(t *testing.T) {
		t.Parallel()
		ring, listen := pair(t)
		ear := listen.Listen(t.Context())
		mustRing(t, ring)
		heard(t, ear)
	})
	t.Run("every listener hears, later rings too", func(t *testing.T) {
		t.Parallel()
		ring, listen := pair(t)
		one, two := listen.Listen(t.Context()), listen.Listen(t.Context())
		for range 3 {
			mustRing(t, ring)
			heard(t, one)
			heard(t, two)
		}
	})
	t.Run("rings fold and never wait for a listener", func(t *testing.T) {
		t.Parallel()
		ring, listen := pair(t)
		ear := listen.Listen(t.Context())
		for range 1000 {
			mustRing(t, ring)
		}
		heard(t, ear)
	})
	t.Run("a ring with nobody listening is no error", func(t *testing.T) {
		t.Parallel()
		ring, _ := pair(t)
		mustRing(t, ring)
	})
	t.Run("a ring outlives the request that rang", func(t *testing.T) {
		t.Parallel()
		ring, listen := pair(t)
		ear := listen.Listen(t.Context())
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := ring.Ring(gone); err != nil {
			t.Fatal(err)
		}
		heard(t, ear)
	})
	t.Run("a listener's end is its own", func(t *testing.T) {
		t.Parallel()
		ring, listen := pair(t)
		ctx, cancel := context.WithCancel(t.Context())
		listen.Listen(ctx)
		stays := listen.Listen(t.Context())
		cancel()
		mustRing(t, ring)
		heard(t, stays)
	})
}

// BellOutage checks that a bell lives through an outage of what carries it.
func BellOutage(t *testing.T, ring, listen ports.Bell, stop, start func()) {
	t.Helper()
	ear := listen.Listen(t.Context())
	mustRing(t, ring)
	heard(t, ear)
	stop()
	for range 10 {
		begin := time.Now()
		if err := ring.Ring(t.Context()); err == nil {
			t.Error("a ring that nobody can hear is no error")
		}
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("Ring took %s while the bell was down", took)
		}
	}
	start()
	drain(ear)
	for end := time.Now().Add(earshot); ring.Ring(t.Context()) != nil; pausing() {
		if time.Now().After(end) {
			t.Fatal("Ring does not recover")
		}
	}
	heard(t, ear)
	for range 3 {
		drain(ear)
		for end := time.Now().Add(earshot); ; {
			mustRing(t, ring)
			if hears(ear, 100*time.Millisecond) {
				break
			}
			if time.Now().After(end) {
				t.Fatal("the listener does not recover")
			}
		}
	}
}

func mustRing(t *testing.T, b ports.Bell) {
	t.Helper()
	if err := b.Ring(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func heard(t *testing.T, ear <-chan struct{}) {
	t.Helper()
	if !hears(ear, earshot) {
		t.Fatal("no ring was heard")
	}
}

func hears(ear <-chan struct{}, within time.Duration) bool {
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case <-ear:
		return true
	case <-late.C:
		return false
	}
}

func drain(ear <-chan struct{}) {
	for {
		select {
		case <-ear:
		default:
			return
		}
	}
}

// pausing is the wait between two looks at a condition.
func pausing() { time.Sleep(10 * time.Millisecond) }

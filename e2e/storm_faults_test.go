package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"doorito/app/engine"
	"doorito/e2e/world"
)

// make soak asks for more than make test.
var (
	soakWorkerKills = flag.Int("soak-worker-kills", 3, "how often a worker is killed under load")
	soakWithoutFor  = flag.Duration("soak-without-redis", 2*time.Second, "how long Redis is away under load")
)

// One of two workers is killed again and again while thousands of deliveries
// are owed: each arrives, and again only where a worker died between sending it
// and recording that it had.
func TestSoakWorkersKilledUnderLoadOweNothing(t *testing.T) {
	t.Parallel()
	s := newStorm(t, 2)
	const stretch = 700 // events committed for each kill
	for range *soakWorkerKills {
		from := s.came()
		s.commit(t, stretch)
		s.await(t, from, 1+rand.IntN(stretch*len(s.to)/2))
		i := rand.IntN(len(s.workers))
		at := time.Now()
		s.workers[i].Kill()
		s.workers[i] = s.workers[i].MustRestart(t)
		s.deaths = append(s.deaths, death{at, time.Now(), engine.LeaseTTL}) // whoever is beside it finds out at once
	}
	s.settled(t)
}

// PostgreSQL is shut down and started, then killed and started, under load. A
// shutdown costs no duplicate; a death may take leases with it that no disk had.
func TestSoakPostgresRestartedUnderLoadLosesNoDelivery(t *testing.T) {
	t.Parallel()
	s := newStorm(t, 1)
	for _, killed := range []bool{false, true} {
		from := s.came()
		s.commit(t, 700)
		s.await(t, from, 1+rand.IntN(700))
		at := time.Now()
		if killed {
			s.stack.Postgres.Kill()
		} else {
			s.stack.Postgres.Stop()
		}
		if err := s.stack.Postgres.Start(); err != nil {
			t.Fatal(err)
		}
		if killed {
			s.deaths = append(s.deaths, death{at, time.Now(), 2 * engine.LeaseTTL}) // leases run out, and the machine is busy
		}
	}
	s.settled(t)
}

// Redis goes away under load, comes back empty, is emptied, and is killed: what
// is handed in meanwhile arrives, and nothing arrives twice.
func TestSoakWithoutRedisUnderLoadEachEventArrivesOnce(t *testing.T) {
	t.Parallel()
	d := production(t)
	r := world.NewReceiver(t)
	endpoint(t, d, r, "file.stored")
	up := &uploader{stored: map[string]string{}}
	c := d.WithToken(t, d.Token(t, "upload"))
	up.wg.Go(func() { up.run(c) })
	r.Await(t, 5)

	d.redis.Stop()
	<-time.After(*soakWithoutFor)
	without := up.count()
	world.Eventually(t, "what was handed in without Redis arrives without it", func() bool { return len(byEvent(r.Got())) >= without })
	d.redis.Start()
	up.await(t, without+5)
	d.redis.FlushAll()
	up.await(t, without+10)
	up.stop()

	world.Eventually(t, "every acknowledged file is announced", func() bool { return len(up.missing(t, r.Got())) == 0 })
	for id, n := range byEvent(r.Got()) {
		if n != 1 {
			t.Errorf("event %s came %d times", id, n)
		}
	}
	fmt.Fprintf(os.Stderr, "%s: %d files handed in, %s without Redis\n", t.Name(), up.count(), *soakWithoutFor)
}

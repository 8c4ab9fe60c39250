package worker

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"doorito/domain"
)

// embeddedTick is how often the embedded Redis sees that time passes: keys
// expire up to this late.
const embeddedTick = 250 * time.Millisecond

// embeddedName stands for the address of the embedded Redis.
const embeddedName = "embedded"

// Embedded is a Redis inside this process. It is reached through pipes and
// opens no port. What it holds is gone at exit.
type Embedded struct {
	server *miniredis.Miniredis
	stop   chan struct{}
	once   sync.Once
	ticker sync.WaitGroup
}

// StartEmbedded starts one; Close ends it.
func StartEmbedded() (*Embedded, error) {
	e := &Embedded{server: miniredis.NewMiniRedis(), stop: make(chan struct{})}
	first, err := e.server.Dial()
	if err != nil {
		return nil, domain.WrapError(domain.Internal, err, "The embedded queue did not start.")
	}
	if err := first.Close(); err != nil {
		return nil, domain.WrapError(domain.Internal, err, "The embedded queue did not start.")
	}
	e.ticker.Go(e.tick)
	return e, nil
}

// Redis is how to connect to it.
func (e *Embedded) Redis() *Redis {
	return newRedis(redis.UniversalOptions{Addrs: []string{embeddedName}, Dialer: e.dial}, embeddedName)
}

// dial refuses after Close: the library's own would start a server anew.
func (e *Embedded) dial(context.Context, string, string) (net.Conn, error) {
	select {
	case <-e.stop:
		return nil, net.ErrClosed
	default:
		return e.server.Dial()
	}
}

// Close ends the server and every connection to it; a second Close is nothing.
func (e *Embedded) Close() {
	e.once.Do(func() {
		close(e.stop)
		e.ticker.Wait()
		e.server.Close()
	})
}

// tick moves the server's clock by what has passed: without it no key would
// ever expire, and a Unique lock would stay for good.
func (e *Embedded) tick() {
	t := time.NewTicker(embeddedTick)
	defer t.Stop()
	var last time.Time
	for {
		select {
		case <-e.stop:
			return
		case now := <-t.C:
			if !last.IsZero() {
				e.server.FastForward(now.Sub(last))
			}
			last = now
		}
	}
}

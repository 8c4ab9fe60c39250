package worker

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"doorito/ports"
)

var _ ports.Bell = (*RedisBell)(nil)

const (
	// aliveEvery is how long a silent subscription is trusted.
	aliveEvery = 5 * time.Second
	// resubscribeAfter is the pause between tries to subscribe again.
	resubscribeAfter = 200 * time.Millisecond
)

// RedisBell rings in every process that listens on the same Redis.
type RedisBell struct {
	client  redis.UniversalClient
	channel string
	breaker *breaker
	log     *slog.Logger

	mu      sync.Mutex
	ringing bool
	again   bool
}

// NewRedisBell connects at the first Ring or Listen. Each database number of a
// Redis has a bell of its own.
func NewRedisBell(r *Redis, clock ports.Clock, log *slog.Logger) *RedisBell {
	return &RedisBell{
		client: r.brisk(), channel: "doorito:bell:" + strconv.Itoa(r.options.DB),
		breaker: &breaker{clock: clock}, log: log,
	}
}

// Close ends all connections, those of listeners too.
func (b *RedisBell) Close() error { return b.client.Close() }

// Ring publishes, in a second at most. Calls made while another one publishes
// return at once: they fold into one publication that follows it. After a
// failure Redis is left alone for a second and the failure returned at once.
// The end of ctx does not stop it: what was committed deserves its ring.
func (b *RedisBell) Ring(ctx context.Context) error {
	b.mu.Lock()
	if b.ringing {
		b.again = true
		b.mu.Unlock()
		return nil
	}
	b.ringing = true
	b.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	err := b.publish(ctx)
	if b.finish() {
		go b.catchUp(ctx)
	}
	return err
}

// finish ends a publication; true means that another one is owed and begun.
func (b *RedisBell) finish() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ringing, b.again = b.again, false
	return b.ringing
}

func (b *RedisBell) catchUp(ctx context.Context) {
	for {
		if err := b.publish(ctx); err != nil {
			b.log.Debug("bell not rung", "error", err)
		}
		if !b.finish() {
			return
		}
	}
}

func (b *RedisBell) publish(ctx context.Context) error {
	return b.breaker.do(func() error {
		ctx, cancel := context.WithTimeout(ctx, briskly)
		defer cancel()
		if err := b.client.Publish(ctx, b.channel, "").Err(); err != nil {
			return unreachable(err)
		}
		return nil
	})
}

// Listen subscribes and, whenever the connection is lost, subscribes again until
// ctx ends. Each subscription counts as a ring, since rings may have been missed
// before it: what is rung after Listen returned is heard. The channel is never
// closed.
func (b *RedisBell) Listen(ctx context.Context) <-chan struct{} {
	ear := make(chan struct{}, 1)
	sub := b.client.Subscribe(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() })
	go func() {
		defer stop()
		b.subscribe(ctx, sub)
		down := false
		for ctx.Err() == nil {
			err := b.hear(ctx, sub, ear)
			if errors.Is(err, redis.ErrClosed) {
				return
			}
			if (err != nil) != down && ctx.Err() == nil {
				down = err != nil
				b.log.Info("bell", "listening", !down)
			}
			if err != nil {
				pause(ctx, resubscribeAfter)
			}
		}
	}()
	return ear
}

// subscribe asks once; when it fails, the channel is remembered and every later
// receive asks again.
func (b *RedisBell) subscribe(ctx context.Context, sub *redis.PubSub) {
	if err := sub.Subscribe(ctx, b.channel); err != nil && ctx.Err() == nil {
		b.log.Debug("bell not heard yet", "error", err)
	}
}

// hear waits for one message or sign of life.
func (b *RedisBell) hear(ctx context.Context, sub *redis.PubSub, ear chan<- struct{}) error {
	got, err := sub.ReceiveTimeout(ctx, aliveEvery)
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		return sub.Ping(ctx)
	}
	if err != nil {
		return err
	}
	switch got.(type) {
	case *redis.Message, *redis.Subscription:
		wake(ear)
	}
	return nil
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

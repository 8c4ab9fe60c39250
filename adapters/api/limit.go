package api

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

// forgetEvery is how often full buckets are dropped.
const forgetEvery = time.Minute

// limiter holds a token bucket for each who asks: a burst of a minute's quota,
// filled again evenly. It lives in the process, so that requests need no
// database and Redis may be lost: n web processes together let n times as much
// through.
type limiter struct {
	quota int // a minute; 0 for no limit
	clock ports.Clock
	mu    sync.Mutex
	all   map[string]*rate.Limiter
	swept time.Time
}

func newLimiter(quota int, clock ports.Clock) *limiter {
	return &limiter{quota: quota, clock: clock, all: map[string]*rate.Limiter{}}
}

// take spends one request of key and returns what is left, when the bucket is
// full again, and, if it was empty, when the next request may come.
func (l *limiter) take(key string) (left int, full, wait time.Duration) {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(now)
	b := l.all[key]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(float64(l.quota)/60), l.quota)
		l.all[key] = b
	}
	allowed := b.AllowN(now, 1)
	tokens := max(b.TokensAt(now), 0)
	full = l.refill(float64(l.quota) - tokens)
	if !allowed {
		return 0, full, max(l.refill(1-tokens), time.Millisecond)
	}
	return int(tokens), full, 0
}

// refill is how long n requests take to come back.
func (l *limiter) refill(n float64) time.Duration {
	return time.Duration(n * 60 / float64(l.quota) * float64(time.Second))
}

// forget drops full buckets, which a fresh one equals.
func (l *limiter) forget(now time.Time) {
	if now.Sub(l.swept) < forgetEvery {
		return
	}
	l.swept = now
	for key, b := range l.all {
		if b.TokensAt(now) >= float64(l.quota) {
			delete(l.all, key)
		}
	}
}

// limited is a refusal that knows when to come back.
type limited struct {
	words *domain.Error
	wait  time.Duration
}

func (l limited) Error() string { return l.words.Error() }

// Unwrap lets fiberx find the words.
func (l limited) Unwrap() error { return l.words }

// RetryAfter is what fiberx writes as Retry-After.
func (l limited) RetryAfter() time.Duration { return l.wait }

// limit counts the request and says how much is left, in the fields of
// draft-ietf-httpapi-ratelimit-headers-10: RateLimit-Policy (section 3) and
// RateLimit (section 4).
func (h *handlers) limit(c *fiber.Ctx) error {
	if h.limiter.quota <= 0 {
		return c.Next()
	}
	left, full, wait := h.limiter.take(whoAsks(c))
	c.Set("RateLimit-Policy", fmt.Sprintf(`"default";q=%d;w=60`, h.limiter.quota))
	c.Set("RateLimit", fmt.Sprintf(`"default";r=%d;t=%d`, left, seconds(full)))
	if wait > 0 {
		return limited{domain.Errorf(domain.Quota, "That is more than %d requests a minute. Wait %d s, then go on more slowly.", h.limiter.quota, seconds(wait)), wait}
	}
	return c.Next()
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// whoAsks is the token, else the person, else the address.
func whoAsks(c *fiber.Ctx) string {
	switch a := fiberx.Actor(c); {
	case a.IsToken():
		return "token " + a.TokenID.String()
	case a.IsKnown():
		return "user " + a.UserID.String()
	}
	return "address " + fiberx.ClientIP(c)
}

package app

import (
	"context"
	"math"
	"net/netip"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// Bucket is a leaky bucket of wrong tries, kept with the database so that all
// processes fill the same.
type Bucket struct {
	Key   string
	Tries float64       // that it holds
	Drain time.Duration // in which one of them leaks out
}

// Full says how long to wait; level is what is in a bucket that takes no more.
func (b Bucket) Full(level float64) error {
	wait := time.Duration((level - b.Tries + 1) * float64(b.Drain)).Round(time.Second)
	return domain.Errorf(domain.Quota, "Too many wrong tries. Wait %s and try again.", max(wait, time.Second))
}

// Check refuses with Quota while the bucket is full.
func (b Bucket) Check(ctx context.Context, reads ports.Stores, now time.Time) error {
	level, err := reads.Throttles.Level(ctx, b.Key, b.Drain, now)
	if err == nil && level > b.Tries-1 {
		err = b.Full(level)
	}
	return err
}

// Fail counts a wrong try and says how many are left.
func (b Bucket) Fail(ctx context.Context, db ports.Transactor, now time.Time) (left int, err error) {
	err = db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		level, err := s.Throttles.Add(ctx, b.Key, b.Drain, now)
		left = b.Left(level)
		return err
	})
	return left, err
}

// Left is how many whole tries a bucket at this level takes yet.
func (b Bucket) Left(level float64) int { return int(math.Max(0, math.Floor(b.Tries-level))) }

// Take counts a try before it is made, so that many at once get no more of
// them; Quota, and nothing counted, when the bucket would run over.
func (b Bucket) Take(ctx context.Context, db ports.Transactor, now time.Time) error {
	return db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		level, err := s.Throttles.Add(ctx, b.Key, b.Drain, now)
		if err == nil && level > b.Tries {
			err = b.Full(level - 1)
		}
		return err
	})
}

// Network is what counts as one address: a /64 for IPv6.
func Network(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil || a.Is4() || a.Is4In6() {
		return ip
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return ip
	}
	return p.String()
}

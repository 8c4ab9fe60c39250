package accounts

import (
	"context"
	"math"
	"net/netip"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// Failures fill three leaky buckets. The pair of account and address is tight;
// an address alone and an account alone are wide nets against guessing many
// accounts from one place, or one account from many places. The account's
// bucket does not bind addresses from which its user signed in during the last
// 30 days: a flood of wrong passwords cannot lock the real user out.
const (
	pairTries    = 5
	pairDrain    = time.Minute
	addressTries = 50
	addressDrain = 10 * time.Second
	accountTries = 100
	accountDrain = 30 * time.Second
)

type bucket struct {
	key   string
	tries float64
	drain time.Duration
}

type throttle struct {
	s       *SignIn
	buckets []bucket // the pair first
	user    *domain.User
	ip      string
}

func (s *SignIn) throttle(email, ip string, user *domain.User) throttle {
	net := network(ip)
	return throttle{s: s, user: user, ip: ip, buckets: []bucket{
		{"pair:" + domain.HashSecret(email+"|"+net), pairTries, pairDrain},
		{"address:" + net, addressTries, addressDrain},
		{"account:" + domain.HashSecret(email), accountTries, accountDrain},
	}}
}

// network is what counts as one address: a /64 for IPv6.
func network(ip string) string {
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

// check refuses with Quota while a bucket is full.
func (t throttle) check(ctx context.Context, now time.Time) error {
	reads := t.s.DB.Reads()
	for i, b := range t.buckets {
		level, err := reads.Throttles.Level(ctx, b.key, b.drain, now)
		if err != nil {
			return err
		}
		if level <= b.tries-1 {
			continue
		}
		if isAccount := i == len(t.buckets)-1; isAccount && t.user != nil {
			known, err := reads.WebSessions.KnownAddress(ctx, t.user.ID, t.ip, now.Add(-domain.RememberSessionTTL))
			if err != nil {
				return err
			}
			if known {
				continue
			}
		}
		return b.full(level)
	}
	return nil
}

// full says how long to wait.
func (b bucket) full(level float64) error {
	wait := time.Duration((level - b.tries + 1) * float64(b.drain)).Round(time.Second)
	return domain.Errorf(domain.Quota, "Too many wrong tries. Wait %s and try again.", max(wait, time.Second))
}

// check refuses with Quota while this one bucket is full.
func (b bucket) check(ctx context.Context, reads ports.Stores, now time.Time) error {
	level, err := reads.Throttles.Level(ctx, b.key, b.drain, now)
	if err == nil && level > b.tries-1 {
		err = b.full(level)
	}
	return err
}

// fail counts a wrong try and says how many are left.
func (b bucket) fail(ctx context.Context, db ports.Transactor, now time.Time) (left int, err error) {
	err = db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		level, err := s.Throttles.Add(ctx, b.key, b.drain, now)
		left = int(math.Max(0, math.Floor(b.tries-level)))
		return err
	})
	return left, err
}

// fail counts the try and returns the one answer for every wrong pair.
func (t throttle) fail(ctx context.Context, now time.Time) error {
	left := 0
	err := t.s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		for i, b := range t.buckets {
			level, err := st.Throttles.Add(ctx, b.key, b.drain, now)
			if err != nil {
				return err
			}
			if i == 0 {
				left = int(math.Max(0, math.Floor(b.tries-level)))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return domain.Errorf(domain.Unauthenticated, "That email and password do not match. %s left.", tries(left))
}

func (t throttle) clear(ctx context.Context, st ports.Stores) error {
	return st.Throttles.Clear(ctx, t.buckets[0].key)
}

func tries(n int) string {
	switch n {
	case 0:
		return "No tries"
	case 1:
		return "1 try"
	}
	return string(rune('0'+n)) + " tries"
}

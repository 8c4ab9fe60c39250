package accounts

import (
	"context"
	"time"

	"doorito/app"
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

type throttle struct {
	s       *SignIn
	buckets []app.Bucket // the pair first
	user    *domain.User
	ip      string
}

func (s *SignIn) throttle(email, ip string, user *domain.User) throttle {
	net := app.Network(ip)
	return throttle{s: s, user: user, ip: ip, buckets: []app.Bucket{
		{Key: "pair:" + domain.HashSecret(email+"|"+net), Tries: pairTries, Drain: pairDrain},
		{Key: "address:" + net, Tries: addressTries, Drain: addressDrain},
		{Key: "account:" + domain.HashSecret(email), Tries: accountTries, Drain: accountDrain},
	}}
}

// check refuses with Quota while a bucket is full.
func (t throttle) check(ctx context.Context, now time.Time) error {
	reads := t.s.DB.Reads()
	for i, b := range t.buckets {
		level, err := reads.Throttles.Level(ctx, b.Key, b.Drain, now)
		if err != nil {
			return err
		}
		if level <= b.Tries-1 {
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
		return b.Full(level)
	}
	return nil
}

// fail counts the try and returns the one answer for every wrong pair.
func (t throttle) fail(ctx context.Context, now time.Time) error {
	left := 0
	err := t.s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		for i, b := range t.buckets {
			level, err := st.Throttles.Add(ctx, b.Key, b.Drain, now)
			if err != nil {
				return err
			}
			if i == 0 {
				left = b.Left(level)
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
	return st.Throttles.Clear(ctx, t.buckets[0].Key)
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

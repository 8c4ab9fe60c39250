package argon2

import (
	"context"
	"crypto/rand"
	"errors"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"doorito/domain"
	"doorito/ports/portstest"
)

func TestHasherContract(t *testing.T) {
	t.Parallel()
	portstest.Hasher(t, NewHasher(rand.Reader, 0))
}

func TestHashIsAPHCString(t *testing.T) {
	t.Parallel()
	hash, err := NewHasher(rand.Reader, 0).Hash(t.Context(), "a long password")
	want := regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
	if err != nil || !want.MatchString(hash) {
		t.Errorf("%q, %v", hash, err)
	}
}

// From the test suite of the reference implementation (P-H-C/phc-winner-argon2,
// src/test.c): Argon2id, version 0x13, two passes, 64 MiB, one lane.
func TestHashOfTheReferenceImplementationVerifies(t *testing.T) {
	t.Parallel()
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := NewHasher(rand.Reader, 0).Verify(t.Context(), hash, "password"); !ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
}

func TestDamagedHashes(t *testing.T) {
	t.Parallel()
	h := NewHasher(rand.Reader, 0)
	good, err := h.Hash(t.Context(), "a long password")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=19456", "m=99999999", 1), strings.Replace(good, "t=2", "t=0", 1), strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "t=2", "t=x", 1), good[:len(good)-30], good + "$", "$argon2id$v=19$m=19456,t=2,p=1$!$!", "$2a$10$abc",
	} {
		if ok, err := h.Verify(t.Context(), bad, "a long password"); ok || !domain.IsCode(err, domain.Internal) {
			t.Errorf("%q: %t, %v", bad, ok, err)
		}
	}
}

func TestOneTooManyWaitsForItsContext(t *testing.T) {
	t.Parallel()
	h := NewHasher(rand.Reader, 1)
	h.turns <- struct{}{} // somebody hashes
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.Verify(ctx, "", "x"); !domain.IsCode(err, domain.Unavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	<-h.turns
	if _, err := h.Verify(t.Context(), "", "x"); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestNoRandomBytes(t *testing.T) {
	t.Parallel()
	h := NewHasher(iotest.ErrReader(errors.New("empty")), 1)
	if _, err := h.Hash(t.Context(), "x"); !domain.IsCode(err, domain.Internal) {
		t.Errorf("%v", err)
	}
}

// The work for an unknown user is the work for a known one. It is counted in time
// on a processor, which other programs do not lengthen, and with no other test of
// this one beside; the least of several runs hides the garbage collector.
func TestUnknownUserTakesAsLong(t *testing.T) {
	h := NewHasher(rand.Reader, 0)
	known, err := h.Hash(t.Context(), "a long password")
	if err != nil {
		t.Fatal(err)
	}
	worked := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	fastest := func(hash string) time.Duration {
		var took []time.Duration
		for range 5 {
			began := worked()
			_, _ = h.Verify(t.Context(), hash, "another password")
			took = append(took, worked()-began)
		}
		return slices.Min(took)
	}
	for _, hash := range []string{"", "nonsense"} {
		if k, u := fastest(known), fastest(hash); u < k/3 || u > 3*k {
			t.Errorf("known %s, %q %s", k, hash, u)
		}
	}
}

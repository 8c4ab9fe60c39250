package portstest

import (
	"context"
	"strings"
	"testing"

	"doorito/domain"
	"doorito/ports"
)

// Hasher checks a ports.PasswordHasher.
func Hasher(t *testing.T, h ports.PasswordHasher) {
	const password = "correct horse battery staple"
	t.Run("only the right password verifies", func(t *testing.T) {
		t.Parallel()
		hash := mustHash(t, h, password)
		for try, want := range map[string]bool{
			password: true, "": false, password + " ": false, password[1:]: false, strings.ToUpper(password): false, password + "\x00": false,
		} {
			if ok, err := h.Verify(t.Context(), hash, try); ok != want || err != nil {
				t.Errorf("%q: %t, %v", try, ok, err)
			}
		}
	})
	t.Run("hashes hold neither the password nor the same salt twice", func(t *testing.T) {
		t.Parallel()
		a, b := mustHash(t, h, password), mustHash(t, h, password)
		if a == b || strings.Contains(a, password) {
			t.Errorf("%q and %q", a, b)
		}
	})
	t.Run("long and foreign passwords count in full", func(t *testing.T) {
		t.Parallel()
		long := strings.Repeat("пароль", domain.MaxPasswordLength/6)
		hash := mustHash(t, h, long)
		for try, want := range map[string]bool{long: true, long[:len(long)-2]: false} {
			if ok, err := h.Verify(t.Context(), hash, try); ok != want || err != nil {
				t.Errorf("%d bytes: %t, %v", len(try), ok, err)
			}
		}
	})
	t.Run("an empty hash is nobody's", func(t *testing.T) {
		t.Parallel()
		for _, try := range []string{"", password} {
			if ok, err := h.Verify(t.Context(), "", try); ok || err != nil {
				t.Errorf("%q: %t, %v", try, ok, err)
			}
		}
	})
	t.Run("a damaged hash is an error", func(t *testing.T) {
		t.Parallel()
		if ok, err := h.Verify(t.Context(), "nonsense", password); ok || !domain.IsCode(err, domain.Internal) {
			t.Errorf("%t, %v", ok, err)
		}
	})
	t.Run("an ended context is an error", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.Hash(ctx, password); err == nil {
			t.Error("Hash went on")
		}
		if ok, err := h.Verify(ctx, "", password); ok || err == nil {
			t.Error("Verify went on")
		}
	})
}

func mustHash(tb testing.TB, h ports.PasswordHasher, password string) string {
	tb.Helper()
	hash, err := h.Hash(tb.Context(), password)
	if err != nil {
		tb.Fatal(err)
	}
	return hash
}

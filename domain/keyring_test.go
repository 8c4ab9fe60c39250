package domain_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"

	"doorito/domain"
)

var errEmpty = errors.New("empty")

const (
	oldKey = "an old key of thirty-two characters"
	newKey = "a newer key of thirty-two characters"
)

func mustKeyring(tb testing.TB, list string) *domain.Keyring {
	tb.Helper()
	r, err := domain.NewKeyring(list)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestKeysHaveALength(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "short", oldKey + ",", "," + oldKey, oldKey + ",short", strings.Repeat("x", 31)} {
		_, err := domain.NewKeyring(bad)
		wantCode(t, bad, err, domain.Invalid)
	}
	mustKeyring(t, " "+strings.Repeat("x", 32)+" , "+oldKey)
}

func TestSealedSecretsSurviveRotationOnly(t *testing.T) {
	t.Parallel()
	before, during, after := mustKeyring(t, oldKey), mustKeyring(t, newKey+","+oldKey), mustKeyring(t, newKey)
	sealed, err := before.Seal("whsec_x", "row 1", rnd())
	if err != nil || strings.Contains(sealed, "whsec") {
		t.Fatalf("%q, %v", sealed, err)
	}
	for _, r := range []*domain.Keyring{before, during} {
		if plain, err := r.Open(sealed, "row 1"); err != nil || plain != "whsec_x" {
			t.Errorf("%q, %v", plain, err)
		}
	}
	_, err = after.Open(sealed, "row 1")
	wantCode(t, "the key is gone", err, domain.Internal)
	again, err := during.Seal("whsec_x", "row 1", rnd())
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := after.Open(again, "row 1"); err != nil || plain != "whsec_x" {
		t.Errorf("sealed with the newest key: %q, %v", plain, err)
	}
	_, err = before.Seal("x", "y", iotest.ErrReader(errEmpty))
	wantCode(t, "no random bytes", err, domain.Internal)
}

func TestSealedSecretsOpenOnlyWhereTheyBelong(t *testing.T) {
	t.Parallel()
	r := mustKeyring(t, oldKey)
	sealed, err := r.Seal("whsec_x", "row 1", rnd())
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Open(sealed, "row 2")
	wantCode(t, "copied to another row", err, domain.Internal)
	id, text, _ := strings.Cut(sealed, ".")
	for _, bad := range []string{"", id, id + ".", "." + text, text, id + ".!", id + "." + text[:8], id + ".B" + text[1:], "00000000." + text} {
		_, err := r.Open(bad, "row 1")
		wantCode(t, bad, err, domain.Internal)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	before, during, after := mustKeyring(t, oldKey), mustKeyring(t, newKey+","+oldKey), mustKeyring(t, newKey)
	for _, serial := range []int{0, 1, 255, 256, 65535} {
		token := before.SignLink(id1, serial)
		for _, r := range []*domain.Keyring{before, during} {
			if file, got, err := r.ParseLink(token); err != nil || file != id1 || got != serial {
				t.Errorf("%d: %s, %d, %v", serial, file, got, err)
			}
		}
		_, _, err := after.ParseLink(token)
		wantCode(t, "the key is gone", err, domain.NotFound)
	}
	if during.SignLink(id1, 0) != after.SignLink(id1, 0) {
		t.Error("the first key of the list makes links")
	}
}

func TestDamagedLinks(t *testing.T) {
	t.Parallel()
	r := mustKeyring(t, oldKey)
	token := r.SignLink(id1, 3)
	for i := range token {
		for _, c := range []string{"A", "_", "", "\n"} {
			bad := token[:i] + c + token[i+1:]
			if bad == token {
				continue
			}
			if file, _, err := r.ParseLink(bad); !domain.IsCode(err, domain.NotFound) || file != uuid.Nil {
				t.Errorf("%q at %d: %v", c, i, err)
			}
		}
	}
	for _, bad := range []string{"", token + "A", token + "\n", "\n" + token, token + "=", token + token} {
		_, _, err := r.ParseLink(bad)
		wantCode(t, bad, err, domain.NotFound)
	}
}

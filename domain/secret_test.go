package domain_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

func TestKeyPairsSignAndVerify(t *testing.T) {
	t.Parallel()
	secret, err := domain.NewSecret(domain.SecretEd25519, rnd())
	if err != nil || !strings.HasPrefix(secret, "whsk_") {
		t.Fatal(secret, err)
	}
	public, err := domain.PublicKey(secret)
	if err != nil || !strings.HasPrefix(public, "whpk_") {
		t.Fatal(public, err)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(public, "whpk_"))
	if err != nil || len(raw) != 32 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	text := []byte(`{"a":1}`)
	sig, err := domain.SignStandard(secret, "msg_1", now, text)
	if err != nil || !strings.HasPrefix(sig, "v1a,") {
		t.Fatal(sig, err)
	}
	at := "1772600767"
	if err := domain.VerifyStandard(public, "msg_1", at, "v1,eA== "+sig, text, now); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"another body":     domain.VerifyStandard(public, "msg_1", at, sig, []byte(`{"a":2}`), now),
		"another id":       domain.VerifyStandard(public, "msg_2", at, sig, text, now),
		"another time":     domain.VerifyStandard(public, "msg_1", "1772600768", sig, text, now),
		"an old one":       domain.VerifyStandard(public, "msg_1", at, sig, text, now.Add(6*time.Minute)),
		"named v1":         domain.VerifyStandard(public, "msg_1", at, "v1,"+strings.TrimPrefix(sig, "v1a,"), text, now),
		"broken base64":    domain.VerifyStandard(public, "msg_1", at, "v1a,§", text, now),
		"a cut key":        domain.VerifyStandard("whpk_AAAA", "msg_1", at, sig, text, now),
		"the private key":  domain.VerifyStandard(secret, "msg_1", at, sig, text, now),
		"no such kind":     errorOf(domain.NewSecret("v2", rnd())),
		"no private key":   errorOf(domain.PublicKey("whsk_AAAA")),
		"a symmetric one":  errorOf(domain.PublicKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
		"a cut private":    errorOf(domain.SignStandard("whsk_AAAA", "msg_1", now, text)),
		"no such serial":   errorOf(domain.SignStandard("secret", "msg_1", now, text)),
		"no secret at all": domain.VerifyStandard("", "msg_1", at, sig, text, now),
	} {
		wantCode(t, name, err, domain.Invalid)
	}
	_, err = domain.NewSecret(domain.SecretEd25519, iotest.ErrReader(errEmpty))
	wantCode(t, "no randomness", err, domain.Internal)
}

func errorOf(_ string, err error) error { return err }

func TestHintsKeepMostOfASecretUnsaid(t *testing.T) {
	t.Parallel()
	if got := domain.SecretHint("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"); got != "MfKQ…LaSw" {
		t.Error(got)
	}
	if got := domain.SecretHint("whsec_short"); got != "" {
		t.Error(got)
	}
}

func TestRotationOverlapsAndForgets(t *testing.T) {
	t.Parallel()
	sid := func(i byte) uuid.UUID { return uuid.UUID{15: i} }
	secret := func(i byte, k domain.SecretKind) domain.EndpointSecret {
		return domain.EndpointSecret{ID: sid(i), Kind: k}
	}
	e := &domain.Endpoint{Secrets: []domain.EndpointSecret{secret(1, domain.SecretHMAC)}}
	live := func(at time.Time) (out []byte) {
		for _, s := range e.LiveSecrets(at) {
			out = append(out, s.ID[15])
		}
		return out
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(e.AddSecret(secret(2, domain.SecretHMAC), 24*time.Hour, now))
	if string(live(now.Add(24*time.Hour-1))) != "\x01\x02" || string(live(now.Add(24*time.Hour))) != "\x02" {
		t.Errorf("%v, then %v", live(now), live(now.Add(24*time.Hour)))
	}
	// A second rotation within the overlap does not let the first one live longer.
	must(e.AddSecret(secret(3, domain.SecretHMAC), 48*time.Hour, now.Add(time.Hour)))
	if string(live(now.Add(25*time.Hour))) != "\x02\x03" {
		t.Errorf("%v", live(now.Add(25*time.Hour)))
	}
	// An ed25519 key comes beside them, and retires none.
	must(e.AddSecret(secret(4, domain.SecretEd25519), 0, now.Add(50*time.Hour)))
	if string(live(now.Add(50*time.Hour))) != "\x03\x04" || len(e.Secrets) != 2 {
		t.Errorf("%v of %d", live(now.Add(50*time.Hour)), len(e.Secrets))
	}
	wantCode(t, "an overlap of the past", e.AddSecret(secret(5, domain.SecretHMAC), -1, now), domain.Invalid)
	wantCode(t, "an endless overlap", e.AddSecret(secret(5, domain.SecretHMAC), domain.MaxOverlap+1, now), domain.Invalid)
	late := now.Add(50 * time.Hour)
	wantCode(t, "no such secret", e.RetireSecret(sid(1), late), domain.NotFound)
	must(e.RetireSecret(sid(3), late))
	wantCode(t, "the last", e.RetireSecret(sid(4), late), domain.Conflict)
	for i := range byte(4) {
		must(e.AddSecret(secret(10+i, domain.SecretEd25519), time.Hour, late))
	}
	wantCode(t, "one too many", e.AddSecret(secret(20, domain.SecretHMAC), 0, late), domain.Conflict)
	// Without overlap the old one ends at once.
	must(e.AddSecret(secret(21, domain.SecretEd25519), 0, late))
	if string(live(late)) != "\x15" {
		t.Errorf("%v", live(late))
	}
}

package domain_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"doorito/domain"
)

// The example of the Standard Webhooks libraries.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorTime      = 1614265330
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func TestStandardWebhooksVector(t *testing.T) {
	t.Parallel()
	at := time.Unix(vectorTime, 0)
	got, err := domain.SignStandard(vectorSecret, vectorID, at, []byte(vectorBody))
	if err != nil || got != vectorSignature {
		t.Errorf("%q, %v", got, err)
	}
	if err := domain.VerifyStandard(vectorSecret, vectorID, "1614265330", vectorSignature, []byte(vectorBody), at); err != nil {
		t.Error(err)
	}
}

func TestVerifyStandard(t *testing.T) {
	t.Parallel()
	at := time.Unix(vectorTime, 0)
	other := "v1," + base64.StdEncoding.EncodeToString(make([]byte, 32))
	for name, c := range map[string]struct {
		id, stamp, sigs, body string
		late                  time.Duration
		ok                    bool
	}{
		"during a rotation":      {sigs: other + " " + vectorSignature, ok: true},
		"with an unknown family": {sigs: "v1a,x " + vectorSignature + " v2,y", ok: true},
		"4:59 late":              {late: 299 * time.Second, ok: true},
		"4:59 early":             {late: -299 * time.Second, ok: true},
		"5:01 late":              {late: 301 * time.Second},
		"5:01 early":             {late: -301 * time.Second},
		"other signature":        {sigs: other},
		"no signature":           {sigs: " "},
		"without version":        {sigs: strings.TrimPrefix(vectorSignature, "v1,")},
		"half of it":             {sigs: vectorSignature[:20]},
		"other id":               {id: "msg_2"},
		"other body":             {body: "{}"},
		"no time":                {stamp: " "},
		"time with fractions":    {stamp: "1614265330.5"},
		"time at the end":        {stamp: "9223372036854775807"},
		"time at the beginning":  {stamp: "-9223372036854775808"},
		"other time":             {stamp: "1614265331"},
	} {
		or := func(a, b string) string {
			if a == "" {
				return b
			}
			return a
		}
		err := domain.VerifyStandard(vectorSecret, or(c.id, vectorID), or(c.stamp, fmt.Sprint(vectorTime)), or(c.sigs, vectorSignature), []byte(or(c.body, vectorBody)), at.Add(c.late))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if !c.ok {
			wantCode(t, name, err, domain.Invalid)
		}
	}
	err := domain.VerifyStandard("whsec_short", vectorID, fmt.Sprint(vectorTime), vectorSignature, []byte(vectorBody), at)
	wantCode(t, "a secret that is none", err, domain.Invalid)
}

func TestSecretBytes(t *testing.T) {
	t.Parallel()
	for n, ok := range map[int]bool{0: false, 23: false, 24: true, 32: true, 64: true, 65: false} {
		s := domain.SecretPrefix + base64.StdEncoding.EncodeToString(make([]byte, n))
		if b, err := domain.SecretBytes(s); (err == nil) != ok || ok && len(b) != n {
			t.Errorf("%d bytes: %v", n, err)
		}
		if _, err := domain.SecretBytes(strings.TrimPrefix(s, domain.SecretPrefix)); err == nil {
			t.Errorf("%d bytes without prefix are taken", n)
		}
	}
}

// RFC 4231, section 4.3 (test case 2).
func TestHexSignature(t *testing.T) {
	t.Parallel()
	const want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	if got := domain.SignHex("Jefe", []byte("what do ya want for nothing?")); got != want {
		t.Errorf("%s", got)
	}
	if err := domain.VerifyHex("Jefe", want, []byte("what do ya want for nothing?")); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", want[:63], strings.ToUpper(want), want + "0"} {
		wantCode(t, bad, domain.VerifyHex("Jefe", bad, []byte("what do ya want for nothing?")), domain.Invalid)
	}
}

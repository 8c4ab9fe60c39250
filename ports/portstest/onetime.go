package portstest

import (
	"encoding/base32"
	"net/url"
	"strings"
	"testing"
	"time"

	"doorito/ports"
)

// OneTimeCodes checks a ports.OneTimeCodes.
func OneTimeCodes(t *testing.T, c ports.OneTimeCodes) {
	// The secret of RFC 6238, appendix B, whose eight digits end in these six.
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	vectors := map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"}
	t.Run("the vectors of RFC 6238 are known, and to which step they belong", func(t *testing.T) {
		t.Parallel()
		for at, code := range vectors {
			step, ok := c.Step(secret, code, time.Unix(at, 0))
			if !ok || step != at/30 {
				t.Errorf("%s at %d: step %d, %t", code, at, step, ok)
			}
		}
	})
	t.Run("a clock may be off by a step, not by more", func(t *testing.T) {
		t.Parallel()
		for off, want := range map[time.Duration]bool{0: true, 30 * time.Second: true, -30 * time.Second: true, 61 * time.Second: false, -61 * time.Second: false} {
			step, ok := c.Step(secret, "005924", time.Unix(1234567890, 0).Add(off))
			if ok != want || ok && step != 1234567890/30 {
				t.Errorf("%s off: step %d, %t", off, step, ok)
			}
		}
	})
	t.Run("what is no code fits nothing", func(t *testing.T) {
		t.Parallel()
		for _, code := range []string{"", "005925", "5924", "0059240", "005 924", "００5924", "005924\x00"} {
			if _, ok := c.Step(secret, code, time.Unix(1234567890, 0)); ok {
				t.Errorf("%q fits", code)
			}
		}
		if _, ok := c.Step("not base32!", "005924", time.Unix(1234567890, 0)); ok {
			t.Error("a damaged secret fits")
		}
	})
	t.Run("secrets are long, and no two alike", func(t *testing.T) {
		t.Parallel()
		seen := map[string]bool{}
		for range 50 {
			s, err := c.NewSecret()
			raw, bad := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
			if err != nil || bad != nil || len(raw) < 20 || seen[s] {
				t.Fatal(s, err, bad)
			}
			seen[s] = true
		}
	})
	t.Run("the address says whose secret it is", func(t *testing.T) {
		t.Parallel()
		text := c.Address("ABC234", "Doorito & co", "ines+x@example.com")
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Doorito & co:ines+x@example.com" || strings.Contains(text, "Doorito+") {
			t.Fatal(text, err)
		}
		if q := u.Query(); q.Get("secret") != "ABC234" || q.Get("issuer") != "Doorito & co" {
			t.Error(text)
		}
	})
}

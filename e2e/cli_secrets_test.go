package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTheSecretKeyIsRotatedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const first, second, third = "the first key that is long enough to be one", "the second key that is long enough to be one", "the third key that is long enough to be one"
	with := func(keys string, code int, args ...string) string {
		t.Helper()
		out, errs, got := run(t, dir, []string{"SECRET_KEY=" + keys}, args...)
		if got != code {
			t.Fatalf("doorito %s: code %d: %s%s", strings.Join(args, " "), got, out, errs)
		}
		if code != 0 {
			out = errs
		}
		return strings.TrimSpace(out)
	}
	var made struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(with(first, 0, "endpoint", "create", "--url", "https://example.com/hook", "--header", "X-Tenant: halden", "--content-type", "image/*,text/plain", "--min-size", "1KB", "--metadata", "a=b", "--batch", "Inv*")), &made); err != nil {
		t.Fatal(err)
	}
	if out := with(second, 1, "secrets", "rotate-key"); !strings.Contains(out, "Add that key after the new one") {
		t.Errorf("without the old key: %s", out)
	}
	if out := with(second+","+first, 0, "secrets", "rotate-key"); !strings.HasPrefix(out, "2 values of 1 endpoints encrypted anew, and 0 second factors") {
		t.Errorf("rotate-key prints %q", out)
	}
	if out := with(second, 0, "secrets", "rotate-key"); !strings.HasPrefix(out, "0 values of 1 endpoints") {
		t.Errorf("again: %q", out)
	}
	var pair struct {
		ID, Kind, Secret string
		PublicKey        string `json:"public_key"`
	}
	if err := json.Unmarshal([]byte(with(second, 0, "endpoint", "rotate", made.ID, "--kind", "v1a")), &pair); err != nil || pair.Secret != "" || !strings.HasPrefix(pair.PublicKey, "whpk_") {
		t.Errorf("%+v, %v", pair, err)
	}
	if err := json.Unmarshal([]byte(with(third, 0, "endpoint", "rotate", made.ID, "--overlap", "0s")), &pair); err != nil || !strings.HasPrefix(pair.Secret, "whsec_") || pair.Secret == made.Secret {
		t.Errorf("%+v, %v", pair, err)
	}
	if out := with(second, 0, "endpoint", "replay", made.ID, "--from", "24h", "--dry-run"); out != `{"events":0,"sends":0,"more":false}` {
		t.Errorf("dry run: %s", out)
	}
	if out := with(second, 0, "endpoint", "replay", made.ID, "--from", "2026-01-01"); !strings.Contains(out, `"events":0`) {
		t.Errorf("replay: %s", out)
	}
	if out := with(second, 1, "endpoint", "replay", made.ID, "--from", "1h"); !strings.Contains(out, "running already") {
		t.Errorf("a second one: %s", out)
	}
}

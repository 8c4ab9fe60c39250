package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"doorito/app/accounts"
	"doorito/domain"
)

// allow gives a person an allowance.
func (p *portal) allow(email string, w domain.Allowance) {
	p.t.Helper()
	u, err := p.DB.Reads().Users.FindByEmail(context.Background(), email)
	if err != nil {
		p.t.Fatal(err)
	}
	f := u.Form()
	f.Allowance = w
	if _, err := (&accounts.Accounts{Users: p.Users}).Change(context.Background(), domain.System(), u.ID, f, u.UpdatedAt); err != nil {
		p.t.Fatal(err)
	}
}

// Waiting does not mend a full quota, so no door answers 429 or says when to
// come again, and all name limit, use and size.
func TestAFullQuotaIsRefusedAtEveryDoorWithItsNumbers(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	p.put(ann, "a.txt", "six is")
	p.allow("ann@example.com", domain.Allowance{Quota: 10})
	batch, _ := p.ask(ann, "POST", "/api/v1/batches", `{"label":"full"}`, 201)
	for name, door := range map[string][3]string{
		"curl -T":         {"PUT", "/api/v1/files/b.txt", "fives"},
		"curl -T, batch":  {"PUT", "/api/v1/files/b.txt?batch=" + fmt.Sprint(batch["id"]), "fives"},
		"JSON session":    {"POST", "/api/v1/sessions", `{"filename":"b.txt","size_bytes":5}`},
		"of unknown size": {"PUT", "/api/v1/files/c.txt", strings.Repeat("c", 100)},
	} {
		got, header := p.ask(ann, door[0], door[1], door[2], 413)
		if got["code"] != "quota" || got["field"] != "size" || got["limit"] != 10.0 || got["used"] != 6.0 || got["size"] == nil || header.Get("Retry-After") != "" {
			t.Errorf("%s: %v %v", name, got, header)
		}
	}
	me, _ := p.ask(ann, "GET", "/api/v1/me", "", 200)
	if limits, _ := me["limits"].(map[string]any); limits["quota_bytes"] != 10.0 || limits["used_bytes"] != 6.0 {
		t.Errorf("%v", me)
	}
	p.allow("ann@example.com", domain.Allowance{Types: []string{"image/png"}})
	if got, _ := p.ask(ann, "PUT", "/api/v1/files/b.txt", "plain text", 415); !strings.Contains(fmt.Sprint(got["detail"]), "image/png") {
		t.Errorf("%v", got)
	}
	me, _ = p.ask(ann, "GET", "/api/v1/me", "", 200)
	if limits, _ := me["limits"].(map[string]any); limits["quota_bytes"] != nil || fmt.Sprint(limits["allowed_types"]) != "[image/png]" {
		t.Errorf("%v", me)
	}
}

package web_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"doorito/domain"
)

// adminLists are the lists under /admin/.
var adminLists = []string{"shares", "users", "audit", "files", "batches", "sessions", "parts", "events", "endpoints", "deliveries", "attempts", "tokens"}

// pages are all pages that a signed-in admin can look at in a world with rows.
func pages(w *world) []string {
	out := []string{
		"/app/", "/app/upload/", "/app/files/", "/app/files/?q=nothing&status=failed&created=24h", "/app/batches/", "/app/endpoints/", "/app/endpoints/new/", "/app/endpoints/receive/",
		"/app/deliveries/", "/app/deliveries/stuck/", "/app/events/", "/app/replays/", "/app/api/", "/app/find/?q=gate", "/app/find/", "/app/search/?q=gate", "/app/search/", "/app/search/?q=ga", "/app/tokens/", "/app/tokens/?state=expired", "/app/tokens/new/", "/app/profile/", "/app/profile/second-factor/", "/admin/invitations/", "/admin/invitations/add/", "/admin/invitations/" + id(991).String() + "/", "/join/the-token", "/join/another", "/s/of-a-file", "/s/of-a-batch", "/s/of-a-batch?file=" + id(1).String(), "/s/of-a-batch?file=" + id(2).String(), "/s/of-a-batch?file=" + id(3).String(), "/s/with-a-password", "/s/used-up", "/app/shares/" + id(881).String() + "/", "/app/files/" + id(1).String() + "/share/", "/app/batches/" + id(100).String() + "/share/", "/login/code", "/app/nowhere/",
		"/admin/", "/admin/users/", "/admin/users/?from=2026-01-01&to=2026-12-31", "/admin/users/?from=2026-11-01&to=2026-11-30&role=staff", "/admin/users/add/", "/admin/audit/", "/admin/audit/?from=2026-11-20&to=2026-11-20",
		userPath(), userPath() + "history/", userPath() + "delete/", "/admin/schedules/", "/admin/schedules/?enabled=false&task=outbox.sweep", "/admin/schedules/add/", "/admin/schedules/preview?when=every+5m", "/admin/schedules/preview?when=x",
		schedulePath(), schedulePath() + "history/", schedulePath() + "delete/", "/admin/audit/" + id(901).String() + "/",
	}
	for _, kind := range adminLists {
		out = append(out, "/admin/"+kind+"/", "/admin/"+kind+"/?sort=oldest&from=2026-11-01&to=2026-11-30")
	}
	for _, u := range w.sessions {
		out = append(out, "/admin/sessions/"+u.ID.String()+"/", "/admin/sessions/"+u.ID.String()+"/history/")
	}
	for _, e := range w.endpoints {
		out = append(out, "/admin/endpoints/"+e.Endpoint.ID.String()+"/", "/admin/endpoints/"+e.Endpoint.ID.String()+"/delete/")
	}
	for _, f := range w.files {
		out = append(out, "/admin/files/"+f.ID.String()+"/", "/admin/files/"+f.ID.String()+"/delete/", "/app/files/"+f.ID.String()+"/")
	}
	for _, b := range w.batches {
		out = append(out, "/admin/batches/"+b.ID.String()+"/", "/app/batches/"+b.ID.String()+"/", "/app/batches/"+b.ID.String()+"/?show=failed")
	}
	for _, l := range (fakeShares{w}).all() {
		out = append(out, "/admin/shares/"+l.ID.String()+"/")
	}
	for _, t := range w.tokens {
		out = append(out, "/admin/tokens/"+t.ID.String()+"/", "/app/tokens/"+t.ID.String()+"/")
	}
	for _, e := range w.endpoints {
		out = append(out, "/app/endpoints/"+e.Endpoint.ID.String()+"/", "/app/endpoints/"+e.Endpoint.ID.String()+"/edit/", "/app/endpoints/"+e.Endpoint.ID.String()+"/certificate/", "/app/endpoints/"+e.Endpoint.ID.String()+"/replay/", "/app/endpoints/"+e.Endpoint.ID.String()+"/sample/?type=batch.completed")
	}
	for _, r := range w.replays {
		out = append(out, "/app/replays/"+r.ID.String()+"/")
	}
	for _, d := range w.deliveries {
		out = append(out, "/admin/deliveries/"+d.ID.String()+"/", "/app/deliveries/"+d.ID.String()+"/")
	}
	for _, e := range w.events {
		out = append(out, "/admin/events/"+e.ID.String()+"/", "/app/events/"+e.ID.String()+"/")
	}
	return out
}

func TestEveryPageIsWellFormedInEveryWorld(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*world{"empty": emptyWorld(), "full": fullWorld(), "long": longWorld(), "hostile": hostileWorld()} {
		for _, session := range []string{adminSession, staffSession, ""} {
			t.Run(name+" "+session, func(t *testing.T) {
				t.Parallel()
				p := openPortal(t, w)
				for _, path := range append(pages(w), "/login", "/login?next=/app/files/") {
					got := p.get(t, path, session)
					if got.StatusCode >= 500 {
						t.Errorf("GET %s: %d", path, got.StatusCode)
					}
					if got.StatusCode == http.StatusSeeOther {
						continue
					}
					for _, fault := range faults(got.body) {
						t.Errorf("GET %s: %s", path, fault)
					}
				}
			})
		}
	}
}

func TestHeldFileSaysUntilWhenItIsKept(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	w.held = true
	got := openPortal(t, w).get(t, "/app/files/"+w.files[0].ID.String()+"/", adminSession)
	if !strings.Contains(got.body, "Kept past its expiry") || !strings.Contains(got.body, "Fri 27 Nov, 13:32 UTC") {
		t.Error("the page of a held file does not say that it is held until 96 h past its expiry")
	}
}

func TestAFileThatComesInSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	const total = 20_000_000
	for name, c := range map[string]struct {
		status         domain.SessionStatus
		size           *int64
		here, hashed   int64
		wants, wantNot string
	}{
		"half of it":    {domain.SessionInProgress, ptr[int64](total), total / 2, 0, "10.0 MB of 20.0 MB here", "hashed"},
		"no end known":  {domain.SessionInProgress, nil, 3_000_000, 0, "3.00 MB so far", "value="},
		"being hashed":  {domain.SessionCompleting, ptr[int64](total), total, 5_000_000, "5.00 MB of 20.0 MB hashed", "here</span>"},
		"hashed by now": {domain.SessionCompleting, ptr[int64](total), total, total, "20.0 MB of 20.0 MB here", "hashed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := fullWorld()
			row := w.sessions[0]
			row.Status, row.TotalSize, row.BytesReceived, w.hashed = c.status, c.size, c.here, c.hashed
			_, got, found := strings.Cut(openPortal(t, w).get(t, "/app/files/"+row.FileID.String()+"/", staffSession).body, `aria-labelledby="arrival"`)
			got, _, _ = strings.Cut(got, "</section>")
			if !found || !strings.Contains(got, c.wants) || strings.Contains(got, c.wantNot) {
				t.Errorf("%s", got)
			}
		})
	}
	w := fullWorld()
	if got := openPortal(t, w).get(t, "/app/files/"+w.files[0].ID.String()+"/", staffSession).body; strings.Contains(got, `id="arrival"`) {
		t.Error("a file that is here says that it comes in")
	}
}

var voids = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// faults lists what a page must not have: elements that are not closed in
// order, inline style or script, the same id twice.
func faults(page string) []string {
	var out, open []string
	ids := map[string]bool{}
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict = false
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return append(out, err.Error())
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			out = append(out, badAttributes(tok, ids)...)
			if !slices.Contains(voids, tok.Name.Local) {
				open = append(open, tok.Name.Local)
			}
		case xml.EndElement:
			if slices.Contains(voids, tok.Name.Local) {
				continue
			}
			if len(open) == 0 || open[len(open)-1] != tok.Name.Local {
				return append(out, fmt.Sprintf("</%s> closes %v", tok.Name.Local, open[max(0, len(open)-3):]))
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		out = append(out, fmt.Sprintf("not closed: %v", open))
	}
	return out
}

func badAttributes(tok xml.StartElement, ids map[string]bool) []string {
	var out []string
	name, src := tok.Name.Local, false
	for _, a := range tok.Attr {
		key := strings.ToLower(a.Name.Local)
		if a.Name.Space != "" {
			key = strings.ToLower(a.Name.Space) + ":" + key
		}
		switch {
		case key == "style" || strings.HasPrefix(key, "on"):
			out = append(out, "inline "+key+" on "+name)
		case key == "id" && ids[a.Value]:
			out = append(out, "two elements have the id "+a.Value)
		case key == "id":
			ids[a.Value] = true
		case key == "src":
			src = true
		case (key == "href" || key == "action") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Value)), "javascript:"):
			out = append(out, "script in "+key)
		case strings.Contains(a.Value, "ZgotmplZ"):
			out = append(out, "a value was refused in "+key)
		}
	}
	if (name == "script" && !src) || name == "style" {
		out = append(out, "inline "+name)
	}
	return out
}

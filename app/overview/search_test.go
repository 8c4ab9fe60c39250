package overview_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"doorito/app/overview"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

func TestPeopleFindWhatTheyMaySee(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		mine, other, admin := w.MustUser(t, "gate@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff), w.MustUser(t, "admin@example.com", domain.RoleAdmin)
		b, _, err := w.Uploads.CreateBatch(ctx, other, "Gate 7", "")
		if err != nil {
			t.Fatal(err)
		}
		f := w.MustUpload(t, mine, "gate camera.txt", "hello", nil)
		theirs := w.MustUpload(t, other, "Gate plan.txt", "hello", &b.ID)
		e, _ := w.MustEndpoint(t, "http://127.0.0.1:1/gate")
		search := &overview.Search{DB: w.DB}
		find := func(a domain.Actor, words string) string {
			found, err := search.Find(ctx, a, words)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, f := range found {
				out = append(out, string(f.Kind)+" "+f.Title)
			}
			slices.Sort(out)
			return strings.Join(out, ", ")
		}
		for _, c := range []struct {
			who         domain.Actor
			words, want string
		}{
			{mine, "gate", "files gate camera.txt"},
			{other, " GATE ", "batches Gate 7, files Gate plan.txt"},
			{admin, "gate", "batches Gate 7, endpoints " + e.Name + ", files Gate plan.txt, files gate camera.txt, users gate"},
			{mine, f.ID.String(), "files gate camera.txt"}, {mine, theirs.ID.String(), ""}, {admin, theirs.ID.String(), "files Gate plan.txt"},
			{mine, e.ID.String(), ""}, {admin, e.ID.String(), "endpoints " + e.Name}, {admin, b.ID.String(), "batches Gate 7"},
			{mine, "", ""}, {mine, "\x00\xff", ""}, {mine, strings.Repeat("x", 5000), ""},
		} {
			if got := find(c.who, c.words); got != c.want {
				t.Errorf("%s looks for %.40q: %q, want %q", c.who.Name, c.words, got, c.want)
			}
		}
		if _, err := search.Find(ctx, domain.Actor{}, "gate"); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestTheSearchPageFindsWhatFollowedToo(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		mine, admin := w.MustUser(t, "gate@example.com", domain.RoleStaff), w.MustUser(t, "admin@example.com", domain.RoleAdmin)
		w.MustEndpoint(t, world.NewReceiver(t).URL)
		f := w.MustUpload(t, mine, "gate camera.txt", "hello", nil)
		w.MustUpload(t, admin, "other.txt", "something else", nil)
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		search := &overview.Search{DB: w.DB}
		find := func(a domain.Actor, words string) (string, []usecase.Found) {
			found, err := search.FindAll(ctx, a, words)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, f := range found {
				out = append(out, string(f.Kind)+" "+f.Title)
			}
			slices.Sort(out)
			return strings.Join(out, ", "), found
		}
		sent := "deliveries file.stored: gate camera.txt, events file.stored: gate camera.txt, files gate camera.txt"
		for _, c := range []struct {
			who         domain.Actor
			words, want string
		}{
			{admin, "camera", sent}, {admin, f.ID.String(), sent}, {admin, f.SHA256[:10], sent}, {admin, "ga", sent + ", users gate"}, {mine, "ga", "files gate camera.txt"},
			{admin, "xq", ""}, {admin, "", ""}, {mine, "other", ""}, {mine, "something-else", ""},
		} {
			if got, _ := find(c.who, c.words); got != c.want {
				t.Errorf("%s looks for %q: %q, want %q", c.who.Name, c.words, got, c.want)
			}
		}
		_, found := find(admin, "camera")
		for _, it := range found {
			if it.Kind != usecase.KindFiles {
				for who, want := range map[string]string{admin.Name: string(it.Kind) + " file.stored", mine.Name: ""} {
					a := admin
					if who == mine.Name {
						a = mine
					}
					if got, _ := find(a, it.ID.String()); !strings.HasPrefix(got, want) || want == "" && got != "" {
						t.Errorf("%s looks for the id of %s: %q", who, it.Kind, got)
					}
				}
			}
		}
		if _, err := search.FindAll(ctx, domain.Actor{}, "gate"); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestTheOverviewIsForAdmins(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, admin := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "admin@example.com", domain.RoleAdmin)
		w.MustUpload(t, staff, "a.txt", "hello", nil)
		o := &overview.Overview{DB: w.DB}
		for _, of := range []usecase.Kind{usecase.KindBatches, usecase.KindFiles, usecase.KindSessions, usecase.KindParts, usecase.KindEvents, usecase.KindEndpoints, usecase.KindDeliveries, usecase.KindAttempts, usecase.KindTokens, usecase.KindShares} {
			if _, err := o.Tally(ctx, staff, of, ports.ListQuery{}, ports.TallyBy{}); !domain.IsCode(err, domain.Forbidden) {
				t.Errorf("%s for staff: %v", of, err)
			}
			at := w.Clock.Now()
			got, err := o.Tally(ctx, admin, of, ports.ListQuery{}, ports.TallyBy{Bounds: []time.Time{at.Add(-time.Hour), at.Add(time.Hour)}})
			if err != nil || of == usecase.KindFiles && got.Spans[0] != 1 {
				t.Errorf("%s: %+v, %v", of, got, err)
			}
		}
		if _, err := o.ListAttempts(ctx, staff, ports.ListQuery{}); !domain.IsCode(err, domain.Forbidden) {
			t.Errorf("attempts for staff: %v", err)
		}
		if _, err := o.ListAttempts(ctx, admin, ports.ListQuery{}); err != nil {
			t.Errorf("attempts: %v", err)
		}
		if _, err := o.ListParts(ctx, staff, ports.ListQuery{}); !domain.IsCode(err, domain.Forbidden) {
			t.Errorf("parts for staff: %v", err)
		}
		if _, err := o.ListParts(ctx, admin, ports.ListQuery{}); err != nil {
			t.Errorf("parts: %v", err)
		}
		e, _ := w.MustEndpoint(t, "http://127.0.0.1:1/gate")
		if _, err := o.ListEndpoints(ctx, staff, ports.ListQuery{}); !domain.IsCode(err, domain.Forbidden) {
			t.Errorf("endpoints for staff: %v", err)
		}
		if page, err := o.ListEndpoints(ctx, admin, ports.ListQuery{}); err != nil || len(page.Items) != 1 || page.Items[0].ID != e.ID {
			t.Errorf("endpoints: %v, %v", page, err)
		}
	})
}

package dashboard_test

import (
	"context"
	"net/http"
	"reflect"
	"testing"
	"time"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

func summary(t *testing.T, w *world.World, a domain.Actor, span domain.Span) *usecase.Summary {
	t.Helper()
	s, err := w.Dashboard.Summary(context.Background(), a, span)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEachSpanSumsUpItsOwnTimeAndStaffSeeTheirOwn(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin, staff := w.MustUser(t, "a@example.com", domain.RoleAdmin), w.MustUser(t, "b@example.com", domain.RoleStaff)
		good := world.NewReceiver(t)
		w.MustEndpoint(t, good.URL)
		day := 24 * time.Hour
		for _, pause := range []time.Duration{0, 20 * day, 4 * day, 3 * day} {
			w.Clock.Advance(pause)
			w.MustUpload(t, staff, "a.txt", "hello", nil)
			if _, err := w.Engine.Pass(ctx); err != nil {
				t.Fatal(err)
			}
		}
		w.MustUpload(t, admin, "b.txt", "hello, admin", nil)
		w.Clock.Advance(2 * time.Hour)
		if _, err := w.Upkeep.Do(ctx, domain.TaskFigures); err != nil {
			t.Fatal(err)
		}
		for span, want := range map[domain.Span][3]int{domain.SpanDay: {2, 1, 1}, domain.SpanWeek: {3, 2, 2}, domain.SpanMonth: {5, 4, 4}} {
			all, own := summary(t, w, admin, span), summary(t, w, staff, span)
			if all.Totals.Stored != want[0] || own.Totals.Stored != want[1] || all.Totals.Deliveries != want[2] || len(all.Totals.Answers) == 0 {
				t.Errorf("%s: %+v, own %+v", span, all.Totals, own.Totals)
			}
			if all.States.Stored != want[0] || own.States.Stored != want[1] || all.StoredBytes != 32 || own.StoredBytes != 20 {
				t.Errorf("%s: states %+v, own %+v; %d bytes, own %d", span, all.States, own.States, all.StoredBytes, own.StoredBytes)
			}
			last := all.Storage[len(all.Storage)-1]
			if last.Bytes != 32 || !last.Hour.Equal(w.Clock.Now()) || len(all.Queue) < 1 || len(own.Queue)+len(own.Deliveries)+len(own.Endpoints) != 0 {
				t.Errorf("%s: storage %+v, queue %+v, own %+v", span, all.Storage, all.Queue, own)
			}
		}
		if week := summary(t, w, admin, domain.SpanWeek); week.Before.Stored != 1 || week.Totals.Bytes != 22 {
			t.Errorf("the week: %+v before %+v", week.Totals, week.Before)
		}
		if day := summary(t, w, staff, domain.SpanDay); day.Before.Stored != 0 {
			t.Errorf("the day before: %+v", day.Before)
		}
	})
}

func TestFilledFiguresChangeNothingOfTheSummary(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin := w.MustUser(t, "a@example.com", domain.RoleAdmin)
		for range 5 {
			w.MustUpload(t, admin, "a.txt", "hello", nil)
			w.Clock.Advance(7 * time.Hour)
		}
		before := summary(t, w, admin, domain.SpanWeek)
		for range 2 {
			if _, err := w.Upkeep.Do(ctx, domain.TaskFigures); err != nil {
				t.Fatal(err)
			}
		}
		after := summary(t, w, admin, domain.SpanWeek)
		if !reflect.DeepEqual(before.Files, after.Files) || before.Totals.Stored != 5 || before.StoredBytes != after.StoredBytes || len(after.Storage) != 6 {
			t.Errorf("before %+v\nafter %+v", before, after)
		}
	})
}

func TestWhatNeedsAHandComesWithItsAction(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin, staff := w.MustUser(t, "a@example.com", domain.RoleAdmin), w.MustUser(t, "b@example.com", domain.RoleStaff)
		bad := world.NewReceiver(t)
		bad.Answer(http.StatusBadGateway)
		w.MustEndpoint(t, bad.URL)
		b, _, err := w.Uploads.CreateBatch(ctx, staff, "Gate 7", "")
		if err != nil {
			t.Fatal(err)
		}
		w.MustUpload(t, staff, "held.txt", "hello", &b.ID)
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(25 * time.Hour)
		seen := kinds(summary(t, w, staff, domain.SpanDay))
		if seen[usecase.FilesHeld] != "/app/files/?expiring=held" || seen[usecase.BatchesOpen] != "/app/batches/"+b.ID.String()+"/" || len(seen) != 2 {
			t.Errorf("staff: %v", seen)
		}
		err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			u, err := s.Users.Find(ctx, staff.UserID)
			if err != nil {
				return err
			}
			u.Allowance.Quota = 5
			return s.Users.Save(ctx, u)
		})
		if err != nil {
			t.Fatal(err)
		}
		if seen = kinds(summary(t, w, staff, domain.SpanDay)); seen[usecase.QuotaFull] == "" {
			t.Errorf("a full quota: %v", seen)
		}
		page, err := w.DB.Reads().Deliveries.List(ctx, ports.ListQuery{})
		if err != nil || len(page.Items) == 0 {
			t.Fatal(page, err)
		}
		err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			page.Items[0].Status = domain.DeliveryFailed
			return s.Deliveries.Save(ctx, page.Items[0])
		})
		if err != nil {
			t.Fatal(err)
		}
		seen = kinds(summary(t, w, admin, domain.SpanDay))
		if seen[usecase.DeliveriesFailed] != "/app/deliveries/?status=failed" {
			t.Errorf("admin: %v", seen)
		}
	})
}

func kinds(s *usecase.Summary) map[usecase.AttentionKind]string {
	out := map[usecase.AttentionKind]string{}
	for _, a := range s.Attention {
		if a.Title == "" || a.Text == "" || a.Verb == "" {
			out["without words: "+a.Kind] = a.URL
			continue
		}
		out[a.Kind] = a.URL
	}
	return out
}

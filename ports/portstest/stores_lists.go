package portstest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var listPromises = map[string]func(*store){
	"pages run newest first and join without a gap, both ways": func(s *store) {
		all := s.manyFiles(7)
		first := s.files(ports.ListQuery{Limit: 3})
		want(s, "first page", fileIDs(first.Items), all[:3])
		want(s, "flags", [2]bool{first.Newer, first.Older}, [2]bool{false, true})
		want(s, "total", first.Total, 7)
		want(s, "capped", first.Capped, false)
		second := s.files(ports.ListQuery{Limit: 3, After: place(first.Items[2])})
		want(s, "second page", fileIDs(second.Items), all[3:6])
		want(s, "flags", [2]bool{second.Newer, second.Older}, [2]bool{true, true})
		last := s.files(ports.ListQuery{Limit: 3, After: place(second.Items[2])})
		want(s, "last page", fileIDs(last.Items), all[6:])
		want(s, "flags", [2]bool{last.Newer, last.Older}, [2]bool{true, false})
		back := s.files(ports.ListQuery{Limit: 3, Before: place(last.Items[0])})
		want(s, "back", fileIDs(back.Items), all[3:6])
		want(s, "flags", [2]bool{back.Newer, back.Older}, [2]bool{true, true})
		start := s.files(ports.ListQuery{Limit: 3, Before: place(back.Items[0])})
		want(s, "start", fileIDs(start.Items), all[:3])
		want(s, "flags", [2]bool{start.Newer, start.Older}, [2]bool{false, true})
		past := s.files(ports.ListQuery{Limit: 3, After: place(last.Items[0])})
		want(s, "past the end", len(past.Items), 0)
		want(s, "flags", [2]bool{past.Newer, past.Older}, [2]bool{true, false})
	},
	"rows that come meanwhile shift no page": func(s *store) {
		all := s.manyFiles(4)
		first := s.files(ports.ListQuery{Limit: 2})
		s.file(func(f *domain.File) { f.CreatedAt = noon.Add(time.Hour) })
		second := s.files(ports.ListQuery{Limit: 2, After: place(first.Items[1])})
		want(s, "second page", fileIDs(second.Items), all[2:])
	},
	"rows of the same moment are told apart by id": func(s *store) {
		for range 5 {
			s.file(nil)
		}
		seen := make(map[uuid.UUID]bool)
		q := ports.ListQuery{Limit: 2}
		for {
			page := s.files(q)
			for _, f := range page.Items {
				seen[f.ID] = true
			}
			if !page.Older {
				break
			}
			q.After = place(page.Items[len(page.Items)-1])
		}
		want(s, "seen", len(seen), 5)
	},
	"a wrong question is Invalid": func(s *store) {
		c := &ports.Cursor{At: noon, ID: newID()}
		for _, q := range []ports.ListQuery{
			{Filters: map[string][]string{"colour": {"red"}}},
			{Filters: map[string][]string{"batch": {"not an id"}}},
			{Filters: map[string][]string{"size_min": {"big"}}},
			{After: c, Before: c}, {Limit: -1}, {Limit: ports.MaxPageSize + 1},
		} {
			_, err := s.db.Reads().Files.List(s.ctx, q)
			wantCode(s.T, err, domain.Invalid)
		}
	},
	"owner and times bound a list": func(s *store) {
		u, other := s.user(), s.user()
		mine := s.file(func(f *domain.File) { f.UploadedBy = &u.ID })
		s.file(func(f *domain.File) { f.UploadedBy = &other.ID })
		s.file(func(f *domain.File) { f.UploadedBy, f.CreatedAt = &u.ID, noon.Add(-time.Hour) })
		s.file(func(f *domain.File) { f.UploadedBy, f.CreatedAt = &u.ID, noon.Add(time.Hour) })
		got := s.files(ports.ListQuery{Owner: &u.ID, From: noon, To: noon.Add(time.Hour)})
		want(s, "mine", fileIDs(got.Items), []uuid.UUID{mine.ID})
		want(s, "total", got.Total, 1)
		want(s, "everybody's", s.files(ports.ListQuery{}).Total, 4)
	},
	"files are filtered by each of their filters": func(s *store) {
		u := s.user()
		b := s.batch(&u.ID, noon)
		f, _ := s.stored(2*time.Hour, noon)
		plain := s.file(func(f *domain.File) { f.BatchID, f.UploadedBy, f.ContentType = &b.ID, &u.ID, "text/plain" })
		for _, c := range []struct {
			key    string
			values []string
			want   *domain.File
		}{
			{"status", []string{"stored", "processed"}, f}, {"status", []string{"uploading"}, plain},
			{"batch", []string{b.ID.String()}, plain}, {"owner", []string{u.ID.String()}, plain},
			{"type", []string{"application"}, f}, {"type", []string{"text/plain"}, plain}, {"type", []string{"application/", "image"}, f},
			{"size_min", []string{"1000"}, f}, {"size_max", []string{"999"}, plain}, {"expiring", []string{"3"}, f},
		} {
			got := s.files(ports.ListQuery{Filters: map[string][]string{c.key: c.values}})
			want(s, fmt.Sprint(c.key, c.values), fileIDs(got.Items), []uuid.UUID{c.want.ID})
		}
		none := s.files(ports.ListQuery{Filters: map[string][]string{"expiring": {"1"}}})
		want(s, "expiring in an hour", len(none.Items), 0)
		both := s.files(ports.ListQuery{Filters: map[string][]string{"status": {}}})
		want(s, "an empty filter", len(both.Items), 2)
	},
	"a search finds names, hashes and ids, and takes every character as itself": func(s *store) {
		f := s.file(func(f *domain.File) { f.OriginalFilename, f.SHA256 = `Q3_100%\done Report.PDF`, "deadbeef00112233" })
		s.file(func(f *domain.File) { f.OriginalFilename = "Q3x100y.pdf" })
		id := f.ID.String()
		for _, word := range []string{"q3_100%", `\done`, "report q3_", "DEADBEEF00", id, id[24:]} {
			want(s, word, fileIDs(s.files(ports.ListQuery{Search: word}).Items), []uuid.UUID{f.ID})
		}
		for _, word := range []string{"Q3_100y", "nothing", "%%", "a\x00b'--"} {
			want(s, word, len(s.files(ports.ListQuery{Search: word}).Items), 0)
		}
	},
	"other lists search and filter too": otherLists,
	"counting stops at the cap": func(s *store) {
		events := make([]*domain.Event, 101)
		for i := range events {
			events[i] = s.event(noon)
		}
		for range 100 {
			ep := s.endpoint(nil)
			ds := make([]*domain.Delivery, len(events))
			for i, e := range events {
				ds[i] = domain.NewDelivery(newID(), e, ep, "f", noon)
			}
			s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Deliveries.InsertAll(ctx, ds)) })
		}
		page, err := s.db.Reads().Deliveries.List(s.ctx, ports.ListQuery{Limit: 1})
		s.ok(err)
		want(s, "total", page.Total, ports.CountCap)
		want(s, "capped", page.Capped, true)
	},
}

func otherLists(s *store) {
	r := s.db.Reads()
	u := s.user()
	ep := s.endpoint(nil)
	s.endpoint(func(e *domain.Endpoint) { e.Name, e.Active = "Other", false })
	b := s.batch(&u.ID, noon)
	_, stored := s.stored(0, noon)
	d := s.delivery(ep, noon)
	count := func(what string, n int, err error, wanted int) {
		s.Helper()
		s.ok(err)
		want(s, what, n, wanted)
	}
	users, err := r.Users.List(s.ctx, ports.ListQuery{Search: u.Email[:12]})
	count("users", len(users.Items), err, 1)
	ends, err := r.Endpoints.List(s.ctx, ports.ListQuery{Search: "billing", Filters: map[string][]string{"active": {"true"}}})
	count("endpoints", len(ends.Items), err, 1)
	batches, err := r.Batches.List(s.ctx, ports.ListQuery{Search: "invoice", Filters: map[string][]string{"status": {"init"}, "creator": {u.ID.String()}}})
	count("batches", len(batches.Items), err, 1)
	want(s, "creator", batches.Items[0].CreatorName, u.Name)
	batches, err = r.Batches.List(s.ctx, ports.ListQuery{Search: b.ID.String()})
	count("batches by id", len(batches.Items), err, 1)
	events, err := r.Outbox.List(s.ctx, ports.ListQuery{Search: "report", Filters: map[string][]string{
		"status": {"pending"}, "type": {"file.stored"}, "aggregate": {stored.AggregateID.String()}}})
	count("events", len(events.Items), err, 1)
	events, err = r.Outbox.List(s.ctx, ports.ListQuery{Search: stored.AggregateID.String()})
	count("events by aggregate", len(events.Items), err, 1)
	deliveries, err := r.Deliveries.List(s.ctx, ports.ListQuery{Search: "illin", Filters: map[string][]string{
		"status": {"pending"}, "endpoint": {ep.ID.String()}, "event": {d.EventID.String()}, "type": {"endpoint.failing"}, "class": {""}, "code": {"0"}}})
	count("deliveries", len(deliveries.Items), err, 1)
	s.answered(ep, 200, 404, 502, 503)
	for codes, wanted := range map[string]int{"5xx": 2, "404": 1, "2xx 502": 2, "3xx": 0} {
		deliveries, err := r.Deliveries.List(s.ctx, ports.ListQuery{Filters: map[string][]string{"endpoint": {ep.ID.String()}, "code": strings.Fields(codes)}})
		count("deliveries with "+codes, len(deliveries.Items), err, wanted)
	}
	for _, code := range []string{"6xx", "xx", "5x", "-1"} {
		_, err := r.Deliveries.List(s.ctx, ports.ListQuery{Filters: map[string][]string{"code": {code}}})
		want(s, "code "+code, domain.IsCode(err, domain.Invalid), true)
	}
	want(s, "held back", deliveries.Items[0].HeldBack, false)
	want(s, "endpoint", [2]string{deliveries.Items[0].EndpointName, deliveries.Items[0].EndpointURL}, [2]string{ep.Name, ep.URL})
}

// answered are deliveries whose first attempt had these answers.
func (s *store) answered(ep *domain.Endpoint, codes ...int) {
	s.Helper()
	for _, code := range codes {
		s.delivery(ep, noon.Add(-time.Hour))
		token := newID()
		s.finish(token, result(s.claim(token, 1, noon.Add(-time.Minute))[0], code, noon.Add(-time.Minute)))
	}
}

// manyFiles makes files a second apart and returns their ids, newest first.
func (s *store) manyFiles(n int) []uuid.UUID {
	s.Helper()
	out := make([]uuid.UUID, n)
	for i := range n {
		f := s.file(func(f *domain.File) { f.CreatedAt = noon.Add(time.Duration(i) * time.Second) })
		out[n-1-i] = f.ID
	}
	return out
}

func (s *store) files(q ports.ListQuery) ports.Page[*domain.File] {
	s.Helper()
	page, err := s.db.Reads().Files.List(s.ctx, q)
	s.ok(err)
	return page
}

func place(f *domain.File) *ports.Cursor { return &ports.Cursor{At: f.CreatedAt, ID: f.ID} }

// inTx is for promises that only need the stores.
func (s *store) inTx(fn func(ctx context.Context, st ports.Stores)) {
	s.Helper()
	s.tx(func(ctx context.Context, st ports.Stores) error {
		fn(ctx, st)
		return nil
	})
}

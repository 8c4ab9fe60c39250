package portstest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// listsAreCounted asks for every number once: one of each kind there is.
func listsAreCounted(s *store) {
	u := s.user()
	b := s.batch(&u.ID, noon)
	f := s.file(func(f *domain.File) { f.UploadedBy, f.BatchID, f.ContentType = &u.ID, &b.ID, "text/plain" })
	ep := s.endpoint(nil)
	d := s.delivery(ep, noon)
	session := s.session(func(up *domain.UploadSession) {
		up.UserID, up.FileID, up.Status, up.Mode = &u.ID, &f.ID, domain.SessionInProgress, domain.ModeParts
	})
	s.put(part(session, 1))
	s.tx(func(ctx context.Context, st ports.Stores) error {
		for i, end := range []*time.Time{nil, ptr(noon.AddDate(-1, 0, 0)), ptr(noon.AddDate(100, 0, 0))} {
			token := &domain.APIToken{ID: newID(), UserID: u.ID, Name: "CI", Prefix: "dto_", Hash: string(rune('a' + i)), ExpiresAt: end, CreatedAt: noon, UpdatedAt: noon}
			if i == 2 {
				token.RevokedAt = ptr(noon)
			}
			s.ok(st.Tokens.Insert(ctx, token))
		}
		return nil
	})
	s.shareLink(u, f, func(l *domain.ShareLink) { l.MaxDownloads, l.Downloads = 1, 1 })
	s.shareLink(u, f, func(l *domain.ShareLink) { l.ExpiresAt = ptr(noon.AddDate(-1, 0, 0)) })
	s.shareLink(u, f, func(l *domain.ShareLink) { l.RevokedAt = ptr(noon) })
	s.shareLink(u, f, func(l *domain.ShareLink) { l.FileID, l.BatchID = nil, &b.ID })
	r, one, mine := s.db.Reads(), map[string]int{}, map[string]int{u.ID.String(): 1}
	for name, c := range map[string]struct {
		tally func(context.Context, ports.ListQuery, ports.TallyBy) (ports.Tally, error)
		want  map[string]map[string]int
	}{
		"batches":    {r.Batches.Tally, map[string]map[string]int{"status": {"init": 1}, "creator": mine}},
		"files":      {r.Files.Tally, map[string]map[string]int{"status": {"uploading": 1}, "owner": mine, "type": {"text/plain": 1}, "superseded": {"false": 1}}},
		"sessions":   {r.Sessions.Tally, map[string]map[string]int{"status": {string(session.Status): 1}, "kind": {"whole": 1}, "mode": {string(session.Mode): 1}, "owner": mine}},
		"parts":      {r.Sessions.TallyParts, map[string]map[string]int{"status": {string(session.Status): 1}}},
		"events":     {r.Outbox.Tally, map[string]map[string]int{"status": {"pending": 1}, "type": {string(d.EventType): 1}}},
		"endpoints":  {r.Endpoints.Tally, map[string]map[string]int{"active": {"true": 1}}},
		"deliveries": {r.Deliveries.Tally, map[string]map[string]int{"status": {"pending": 1}, "endpoint": {ep.ID.String(): 1}, "type": {string(d.EventType): 1}, "class": {"": 1}}},
		"attempts":   {r.Attempts.Tally, map[string]map[string]int{"endpoint": one, "class": one}},
		"tokens":     {r.Tokens.Tally, map[string]map[string]int{"state": {"active": 1, "expired": 1, "revoked": 1}, "user": {u.ID.String(): 3}}},
		"shares":     {r.ShareLinks.Tally, map[string]map[string]int{"state": {"live": 1, "used_up": 1, "expired": 1, "revoked": 1}, "kind": {"file": 3, "batch": 1}, "creator": {u.ID.String(): 4}}},
	} {
		day := noon.Truncate(24 * time.Hour)
		got, err := c.tally(s.ctx, ports.ListQuery{}, ports.TallyBy{Filters: slices.Collect(maps.Keys(c.want)), Bounds: []time.Time{day, day.AddDate(0, 0, 1)}})
		s.ok(err)
		want(s, name, got.Filters, c.want)
		want(s, name+" of a day", len(got.Spans), 1)
	}
}

func partLists(s *store) {
	f := s.file(nil)
	named := s.session(func(up *domain.UploadSession) {
		up.FileID, up.Status, up.Mode, up.TotalSize = &f.ID, domain.SessionInProgress, domain.ModeParts, ptr(int64(100*domain.MinChunkSize))
	})
	partial := s.inParts()
	first, second, other := part(named, 1), part(named, 2), part(partial, 3)
	for i, p := range []*domain.UploadPart{first, second, other} {
		p.CreatedAt, p.SHA256 = noon.Add(time.Duration(i)*time.Minute), strings.Repeat(string(rune('a'+i)), 64)
		s.put(p)
	}
	ids := func(q ports.ListQuery) []uuid.UUID {
		page, err := s.db.Reads().Sessions.BrowseParts(s.ctx, q)
		s.ok(err)
		var out []uuid.UUID
		for _, p := range page.Items {
			want(s, "file", p.Filename, map[uuid.UUID]string{named.ID: f.OriginalFilename}[p.SessionID])
			out = append(out, p.ID)
		}
		return out
	}
	want(s, "newest first", ids(ports.ListQuery{}), []uuid.UUID{other.ID, second.ID, first.ID})
	want(s, "of an upload", ids(ports.ListQuery{Filters: map[string][]string{"session": {named.ID.String()}}}), []uuid.UUID{second.ID, first.ID})
	want(s, "of uploads that ended", len(ids(ports.ListQuery{Filters: map[string][]string{"status": {string(domain.SessionComplete)}}})), 0)
	want(s, "of uploads under way", len(ids(ports.ListQuery{Filters: map[string][]string{"status": {string(domain.SessionInProgress)}}})), 3)
	want(s, "of what can be no id", len(ids(ports.ListQuery{Search: `'"<script>`})), 0)
	for _, word := range []string{partial.ID.String(), partial.ID.String()[24:], other.SHA256} {
		want(s, word, ids(ports.ListQuery{Search: word}), []uuid.UUID{other.ID})
	}
}

func attemptLists(s *store) {
	ep, other := s.endpoint(nil), s.endpoint(func(e *domain.Endpoint) { e.Name = "Archive" })
	s.delivery(other, noon)
	s.delivery(ep, noon)
	token := newID()
	var rs []ports.DeliveryResult
	for i, d := range s.claim(token, 10, noon) {
		rs = append(rs, result(d, 200+i*303, noon.Add(time.Duration(i)*time.Second)))
		rs[i].Attempt.ResponseBody = []byte("an answer")
	}
	s.finish(token, rs...)
	list := func(q ports.ListQuery) []*domain.Attempt {
		page, err := s.db.Reads().Attempts.List(s.ctx, q)
		s.ok(err)
		return page.Items
	}
	all := list(ports.ListQuery{})
	want(s, "attempts", len(all), 2)
	first, last := rs[0], rs[1]
	want(s, "order", []uuid.UUID{all[0].ID, all[1].ID}, []uuid.UUID{last.Attempt.ID, first.Attempt.ID})
	want(s, "about", all[1].Subject+" "+string(all[1].EventType), first.Delivery.Subject+" "+string(first.Delivery.EventType))
	want(s, "long", len(all[0].ResponseBody), 0)
	names := map[uuid.UUID]string{ep.ID: ep.Name, other.ID: other.Name}
	want(s, "endpoint", all[0].EndpointName, names[last.Delivery.EndpointID])
	for filter, wanted := range map[[2]string]uuid.UUID{
		{"class", "ok"}: first.Attempt.ID, {"class", string(domain.ErrStatus)}: last.Attempt.ID, {"code", "5xx"}: last.Attempt.ID,
		{"endpoint", first.Delivery.EndpointID.String()}: first.Attempt.ID, {"delivery", last.Delivery.ID.String()}: last.Attempt.ID,
	} {
		got := list(ports.ListQuery{Filters: map[string][]string{filter[0]: {filter[1]}}})
		want(s, filter[0], len(got), 1)
		want(s, filter[0]+" "+filter[1], got[0].ID, wanted)
	}
	want(s, "by the delivery's end", len(list(ports.ListQuery{Search: first.Delivery.ID.String()[28:]})), 1)
	counts, err := s.db.Reads().Attempts.Tally(s.ctx, ports.ListQuery{}, ports.TallyBy{Filters: []string{"class"}})
	s.ok(err)
	want(s, "classes", counts.Filters["class"], map[string]int{"ok": 1, string(domain.ErrStatus): 1})
}

func listsTurnAround(s *store) {
	var ids []uuid.UUID
	for i := range 5 {
		ids = append(ids, s.batch(nil, noon.Add(time.Duration(i)*time.Minute)).ID)
	}
	page := func(q ports.ListQuery) ports.Page[*domain.Batch] {
		q.Oldest, q.Limit = true, 2
		p, err := s.db.Reads().Batches.List(s.ctx, q)
		s.ok(err)
		return p
	}
	check := func(what string, p ports.Page[*domain.Batch], wanted []uuid.UUID, newer, older bool) *ports.Cursor {
		var got []uuid.UUID
		for _, b := range p.Items {
			got = append(got, b.ID)
		}
		want(s, what, got, wanted)
		want(s, what+": what comes before, and after", []bool{p.Newer, p.Older}, []bool{newer, older})
		last := p.Items[len(p.Items)-1]
		return &ports.Cursor{At: last.CreatedAt, ID: last.ID}
	}
	at := check("first page", page(ports.ListQuery{}), ids[:2], false, true)
	at = check("second page", page(ports.ListQuery{After: at}), ids[2:4], true, true)
	at = check("last page", page(ports.ListQuery{After: at}), ids[4:], true, false)
	check("the page before the last", page(ports.ListQuery{Before: at}), ids[2:4], true, true)
}

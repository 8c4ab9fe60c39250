package web

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

// maxUnfinished is how many unfinished uploads the upload page lists.
const maxUnfinished = 100

// nowArriving is how fresh its last bytes are of an upload that another window
// may be sending; or this one was, before it was loaded again.
const nowArriving = 15 * time.Second

// Unfinished is an upload of this person that was left in the middle.
type Unfinished struct {
	ID        string
	Name      string
	Path      string // the folder it lay in
	BatchID   string
	Size      int64 // -1 while nobody said it
	Received  int64
	Modified  string // of the file, in milliseconds since 1970; "" when not told
	ExpiresAt time.Time
	TouchedAt time.Time
	InOrder   bool // the page can go on with it
	Arriving  bool // a moment ago, maybe in another window
}

// Missing is how many bytes are still to come, -1 when nobody knows.
func (u Unfinished) Missing() int64 {
	if u.Size < 0 {
		return -1
	}
	return u.Size - u.Received
}

// Percent is how much of it is here.
func (u Unfinished) Percent() int64 {
	if u.Size <= 0 {
		return 0
	}
	return u.Received * 100 / u.Size
}

// unfinished lists the actor's own open uploads, newest first. An admin's list
// has no one else's either: nobody can choose another's file again.
func (s *site) unfinished(ctx context.Context, a domain.Actor) ([]Unfinished, error) {
	owner := []string{a.UserID.String()}
	open := []string{string(domain.SessionInit), string(domain.SessionInProgress)}
	sessions, err := s.Sessions.List(ctx, a, ports.ListQuery{
		Filters: map[string][]string{"owner": owner, "status": open, "kind": {string(domain.SessionWhole)}}, Limit: maxUnfinished,
	})
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	var out []Unfinished
	for _, d := range sessions.Items {
		if d.File != nil && d.Session.ExpiresAt.After(now) {
			out = append(out, unfinishedOf(d.Session, d.File, now))
		}
	}
	return out, nil
}

func unfinishedOf(row *domain.UploadSession, f *domain.File, now time.Time) Unfinished {
	u := Unfinished{
		ID: row.ID.String(), Name: f.OriginalFilename, Path: f.Metadata["path"], Size: -1, Received: row.BytesReceived,
		ExpiresAt: row.ExpiresAt, TouchedAt: row.UpdatedAt, InOrder: row.Mode != domain.ModeParts,
		Arriving: row.Status == domain.SessionInProgress && now.Sub(row.UpdatedAt) < nowArriving,
	}
	if row.TotalSize != nil {
		u.Size = *row.TotalSize
	}
	if f.BatchID != nil {
		u.BatchID = f.BatchID.String()
	}
	if ms := f.Metadata["lastModified"]; ms != "" {
		if _, err := strconv.ParseInt(ms, 10, 64); err == nil {
			u.Modified = ms
		}
	}
	return u
}

// discardUpload ends an unfinished upload from the page without script.
func (s *site) discardUpload(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := s.Sessions.Abort(c.UserContext(), fiberx.Actor(c), id); err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
	} else {
		say(c, Toast{Kind: "ok", Text: "Discarded. What had arrived is gone."})
	}
	return seeOther(c, "/app/upload/")
}

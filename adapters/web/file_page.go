package web

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// FilePage is one file with its life.
type FilePage struct {
	Page
	*usecase.FileDetail
	Ext        string
	Size       int64    // bytes; of a file that comes in what was declared, or what is here
	Arrival    *Arrival // nil once it is here
	Hash       []string // the SHA-256 in groups of eight
	Rail       []Station
	Trail      []TrailStop
	Table      *list.View // its deliveries; nil for staff
	Delivered  int
	Metadata   []Token
	MetaText   string
	Live       bool // something is still to happen: the page asks again
	Every      string
	MayFetch   bool
	MayDelete  bool
	MayKeep    bool // longer than it is
	AskHours   admin.Ask
	Shares     *Shares
	Preview    *PreviewView // nil: nothing to look at, or not asked for
	HoldBefore *time.Time   // when it goes even if deliveries still wait
}

// Station is a stop of a rail.
type Station struct {
	State, Icon, Word string
	Done              bool
	At                *time.Time
	When, Note        string
}

// TrailStop is a line of a history.
type TrailStop struct {
	State, Icon, Text, Note string
	At                      *time.Time
	Todo                    bool
	When                    string
}

// maxHold is how long past its expiry a file is kept for a pending delivery.
const maxHold = 96 * time.Hour

func (s *site) showFile(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	d, err := s.Files.Detail(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	p := s.filePage(c, d)
	if p.Arrival, p.Size, err = s.arrival(c.UserContext(), fiberx.Actor(c), d.File); err != nil {
		return err
	}
	may := d.File.HasBytes() && fiberx.Actor(c).May(domain.MayDownload)
	if may && !isPart(c, "file") { // it stands outside of the part that keeps itself fresh
		p.Preview = previewView(d.File, s.previewOf(c.UserContext(), fiberx.Actor(c), id), "/app/files/"+id.String()+"/preview")
	}
	links, err := s.Shares.OfFile(c.UserContext(), fiberx.Actor(c), id, ports.ListQuery{})
	if err != nil {
		return err
	}
	p.Shares = s.sharesOf(links.Items, "file", "/app/files/"+id.String()+"/", may)
	return render(c, "pages/file", "file", p)
}

func (s *site) filePage(c *fiber.Ctx, d *usecase.FileDetail) FilePage {
	f := d.File
	crumbs := []Crumb{{Label: "Files", URL: "/app/files/"}}
	if d.Batch != nil {
		crumbs = append(crumbs, Crumb{Label: batchTitle(d.Batch), URL: "/app/batches/" + d.Batch.ID.String() + "/"})
	}
	now := s.Clock.Now()
	p := FilePage{
		Page: s.page(c, f.OriginalFilename, "files", crumbs...), FileDetail: d, Ext: ext(f.OriginalFilename, f.ContentType),
		Rail: fileRail(f, now), Trail: fileTrail(d), Hash: groups(f.SHA256, 8),
	}
	p.Live = f.Status == domain.FileUploading || f.Status == domain.FileDeleted && f.PurgedAt == nil
	if p.User != nil && p.User.IsAdmin {
		p.Table = s.deliveriesList().Table(d.Deliveries, list.Env{Now: now, Admin: true}, "endpoint", "type", "status", "tries", "answer", "when")
		for _, del := range d.Deliveries {
			p.Live = p.Live || del.Status == domain.DeliveryPending
			if del.Status == domain.DeliveryDelivered {
				p.Delivered++
			}
		}
	}
	p.Every = every(f.Status == domain.FileUploading || f.Status == domain.FileDeleted || anyDue(d.Deliveries, now))
	a := fiberx.Actor(c)
	p.MayFetch = f.HasBytes() && a.May(domain.MayDownload)
	p.MayKeep = f.HasBytes() && f.ExpiresAt != nil && a.May(domain.MayDelete)
	p.AskHours = admin.Ask{Label: "Hours more", Value: "24", Hint: "Counted from its expiry, or from now when that is over.", Max: 6}
	p.MayDelete = a.May(domain.MayDelete) && (f.Status == domain.FileStored || f.Status == domain.FileProcessed || f.Status == domain.FileFailed)
	if d.Held && f.ExpiresAt != nil {
		at := f.ExpiresAt.Add(maxHold)
		p.HoldBefore = &at
	}
	if len(f.Metadata) > 0 {
		var raw bytes.Buffer
		enc := json.NewEncoder(&raw)
		enc.SetEscapeHTML(false) // the template escapes
		if err := enc.Encode(f.Metadata); err == nil {
			p.Metadata, p.MetaText = highlight(bytes.TrimSpace(raw.Bytes())), strings.TrimSpace(raw.String())
		}
	}
	return p
}

func groups(s string, n int) []string {
	var out []string
	for len(s) >= n {
		out, s = append(out, s[:n]), s[n:]
	}
	return out
}

// fileRail is the file's life: what happened, and what is to come.
func fileRail(f *domain.File, now time.Time) []Station {
	rail := []Station{{State: "uploading", Word: "Uploading", Done: true, At: &f.CreatedAt}}
	if f.StoredAt == nil {
		switch f.Status {
		case domain.FileFailed:
			return append(rail, Station{State: "failed", Word: "Refused", Done: true, At: &f.UpdatedAt, Note: f.ErrorMessage})
		case domain.FileDeleted:
			return append(rail, Station{State: "deleted", Word: "Deleted", Done: true, At: f.DeletedAt})
		}
		return append(rail, Station{State: "stored", Word: "Stored", When: "when all bytes are here"}, Station{State: "processed", Word: "Processed", When: "by a receiver"})
	}
	took := f.StoredAt.Sub(f.CreatedAt)
	rail[0].Note = formatDuration(max(took, time.Millisecond))
	if took > 100*time.Millisecond {
		rail[0].Note += " at " + domain.FormatBytes(int64(float64(f.SizeBytes)/took.Seconds())) + "/s"
	}
	rail = append(rail, Station{State: "stored", Word: "Stored", Done: true, At: f.StoredAt, Note: "Hashed, kept and announced"})
	switch {
	case f.ProcessedAt != nil:
		rail = append(rail, Station{State: "processed", Word: "Processed", Done: true, At: f.ProcessedAt})
	case f.Status == domain.FileFailed:
		rail = append(rail, Station{State: "failed", Word: "Failed", Done: true, At: &f.UpdatedAt, Note: f.ErrorMessage})
	case f.Status == domain.FileStored:
		rail = append(rail, Station{State: "processed", Word: "Processed", When: "waiting for a receiver"})
	}
	return append(rail, lastStation(f, now))
}

func lastStation(f *domain.File, now time.Time) Station {
	switch {
	case f.Status == domain.FileDeleted && f.PurgedAt != nil:
		return Station{State: "deleted", Word: "Deleted", Done: true, At: f.DeletedAt, Note: "Its bytes are purged"}
	case f.Status == domain.FileDeleted:
		return Station{State: "deleted", Word: "Deleted", Done: true, At: f.DeletedAt, Note: "Its bytes go in a moment"}
	case f.ExpiresAt == nil:
		return Station{State: "deleted", Icon: "hourglass", Word: "Kept", When: "never expires"}
	case f.ExpiresAt.Before(now):
		return Station{State: "deleted", Icon: "hourglass", Word: "Expired", At: f.ExpiresAt, Note: "It goes with the next cleanup"}
	}
	return Station{State: "deleted", Icon: "hourglass", Word: "Expires", At: f.ExpiresAt, Note: "Receivers hear of it before"}
}

func (s *site) downloadFile(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	d, err := s.Files.Download(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return fiberx.SendDownload(c, d)
}

func (s *site) deleteFile(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	page := "/app/files/" + id.String() + "/"
	if _, err := s.Files.Delete(c.UserContext(), fiberx.Actor(c), idsOf(id)); err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
		return seeOther(c, page)
	}
	say(c, Toast{Kind: "ok", Text: "File deleted. Receivers hear of it."})
	return seeOther(c, page)
}

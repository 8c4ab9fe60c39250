package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

const sharesPath = "/app/shares/"

// SharePage is one share link with its log.
type SharePage struct {
	Page
	Link              *domain.ShareLink
	Secret            string // the link itself, the only time
	What, Target, To  string // file or batch; its name; its page
	State, Word, Icon string
	Downloads, Stops  string
	Alive             bool
	Log               []AccessLine
}

// AccessLine is a line of a link's log.
type AccessLine struct {
	State, Icon, Text, From, Agent string
	At                             *time.Time
}

func (s *site) showShare(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	d, err := s.Shares.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	l, now := d.Link, s.Clock.Now()
	p := SharePage{Link: l, What: "file", Target: l.TargetName, Downloads: shareDownloads(l), Alive: l.RevokedAt == nil}
	nav, crumb := "files", Crumb{Label: "Files", URL: "/app/files/"}
	if l.FileID != nil {
		p.To = "/app/files/" + l.FileID.String() + "/"
	} else {
		p.What, p.To = "batch", "/app/batches/"+l.BatchID.String()+"/"
		nav, crumb = "batches", Crumb{Label: "Batches", URL: "/app/batches/"}
		if p.Target == "" {
			p.Target = "Batch " + short(*l.BatchID)
		}
	}
	p.Page = s.page(c, "Share link "+l.Prefix+"…", nav, crumb, Crumb{Label: p.Target, URL: p.To})
	p.State, p.Word, p.Icon = sharePill(l.State(now))
	p.Stops = "Whoever has the link reads that it was taken back, from their next request on, and a download under way is not cut. It was used for " + counted(l.Downloads, "download") + ". This cannot be undone, but you may share again."
	for _, a := range d.Accesses {
		p.Log = append(p.Log, accessLine(a))
	}
	p.Secret = s.takeOnce(c, sharesPath+id.String()+"/")
	return render(c, "pages/share", "", p)
}

func accessLine(a *domain.ShareAccess) AccessLine {
	line := AccessLine{State: "delivered", Icon: "download", Text: "Downloaded " + a.FileName, From: a.IP, Agent: deviceOf(a.UserAgent), At: &a.At}
	switch {
	case a.What == domain.SharePassword && a.Outcome == domain.ShareOpened:
		line.State, line.Icon, line.Text = "active", "key-round", "Opened with the password"
	case a.What == domain.SharePassword:
		line.State, line.Icon, line.Text = "failed", "lock", "Gave a wrong password"
	case a.Outcome == domain.ShareRefused:
		line.State, line.Icon, line.Text = "cancelled", "ban", "Came too late for a download"
	case a.What == domain.ShareZIP:
		line.Icon, line.Text = "archive", "Downloaded the batch as ZIP"
	}
	return line
}

func (s *site) revokeShare(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	n, err := s.Shares.Revoke(c.UserContext(), fiberx.Actor(c), idsOf(id))
	if err != nil {
		return err
	}
	text := "Link revoked. Nothing comes out of it any more."
	if n == 0 {
		text = "The link was revoked before. Nothing changed."
	}
	say(c, Toast{Kind: "ok", Text: text})
	return seeOther(c, sharesPath+id.String()+"/")
}

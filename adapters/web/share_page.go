package web

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

const sharesPath = "/app/shares/"

// accessLines is how much of a link's log its page shows.
const accessLines = 200

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
	State, Icon, Word, Text, From, Agent string
	At                                   *time.Time
}

func (s *site) showShare(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	l, err := s.Shares.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	log, err := s.Shares.Log(c.UserContext(), fiberx.Actor(c), id, ports.ListQuery{Limit: accessLines})
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	kind, to := l.Kind()
	p := SharePage{Link: l, What: string(kind), Target: shareName(l), To: "/app/files/" + to.String() + "/", Downloads: shareDownloads(l), Alive: l.RevokedAt == nil}
	nav, crumb := "files", Crumb{Label: "Files", URL: "/app/files/"}
	if kind == domain.ShareOfBatch {
		p.To = "/app/batches/" + to.String() + "/"
		nav, crumb = "batches", Crumb{Label: "Batches", URL: "/app/batches/"}
	}
	p.Page = s.page(c, "Share link "+l.Prefix+"…", nav, crumb, Crumb{Label: p.Target, URL: p.To})
	p.State, p.Word, p.Icon = sharePill(l.State(now))
	p.Stops = shareStops(l)
	for _, a := range log.Items {
		p.Log = append(p.Log, accessLine(a))
	}
	p.Secret = s.takeOnce(c, sharesPath+id.String()+"/")
	return render(c, "pages/share", "", p)
}

// shareName is what a link leads to, in words.
func shareName(l *domain.ShareLink) string {
	if kind, id := l.Kind(); kind == domain.ShareOfBatch && l.TargetName == "" {
		return "Batch " + short(id)
	}
	return l.TargetName
}

func accessLine(a *domain.ShareAccess) AccessLine {
	line := AccessLine{State: "delivered", Icon: "download", Word: "Downloaded", Text: "Downloaded " + a.FileName, From: a.IP, Agent: deviceOf(a.UserAgent), At: &a.At}
	switch {
	case a.What == domain.SharePassword && a.Outcome == domain.ShareOpened:
		line.State, line.Icon, line.Word, line.Text = "active", "key-round", "Password given", "Opened with the password"
	case a.What == domain.SharePassword:
		line.State, line.Icon, line.Word, line.Text = "failed", "lock", "Wrong password", "Gave a wrong password"
	case a.Outcome == domain.ShareRefused:
		line.State, line.Icon, line.Word, line.Text = "cancelled", "ban", "Too late", "Came too late for a download"
	case a.What == domain.ShareZIP:
		line.Icon, line.Word, line.Text = "archive", "ZIP", "Downloaded the batch as ZIP"
	}
	return line
}

// shareStops is what revoking a link does.
func shareStops(l *domain.ShareLink) string {
	return "Whoever has the link reads that it was taken back, from their next request on, and a download under way is not cut. It was used for " + counted(l.Downloads, "download") + ". This cannot be undone, but you may share again."
}

func (s *site) revokeShare(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	text, err := s.revokeShares(c.UserContext(), fiberx.Actor(c), idsOf(id))
	if err != nil {
		return err
	}
	say(c, Toast{Kind: "ok", Text: text})
	return seeOther(c, sharesPath+id.String()+"/")
}

func (s *site) revokeShares(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
	n, err := s.Shares.Revoke(ctx, a, ids)
	switch {
	case err != nil:
		return "", err
	case n == 0:
		return "Revoked before. Nothing changed.", nil
	case n == 1:
		return "Link revoked. Nothing comes out of it any more.", nil
	}
	return groupInt(n) + " links revoked. Nothing comes out of them any more.", nil
}

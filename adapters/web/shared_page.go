package web

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports/usecase"
)

// SharedPage is what strangers see of a share link.
type SharedPage struct {
	Page
	*usecase.SharedThing
	Path    string // of the link
	Sharer  string
	Hash    []string     // the SHA-256 in groups of eight
	Look    *PreviewView // of the file; nil for none
	Only    string       // id of the one file of a batch that the page is about
	Problem string       // with the password
	Left    int          // downloads; only with a limit
	More    string       // address of the next files; empty on the last page
}

// shareCookie keeps the pass of a link; it goes to that link alone.
const shareCookie = "doorito_share"

// shareHeaders keep a link to whoever has it: it is not told to where the page
// leads, not found by searching, not kept on the way.
func shareHeaders(c *fiber.Ctx) error {
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Next()
}

func visitOf(c *fiber.Ctx) usecase.Visit {
	return usecase.Visit{Pass: utils.CopyString(c.Cookies(shareCookie)), IP: fiberx.ClientIP(c), UserAgent: utils.CopyString(c.Get(fiber.HeaderUserAgent))}
}

func (s *site) keepPass(c *fiber.Ctx, token, pass string) {
	c.Cookie(&fiber.Cookie{
		Name: shareCookie, Value: pass, Path: fiberx.SharePath(token), HTTPOnly: true, SessionOnly: true,
		Secure: strings.HasPrefix(s.BaseURL, "https:"), SameSite: fiber.CookieSameSiteLaxMode,
	})
}

func (s *site) showShared(c *fiber.Ctx) error { return s.shared(c, nil) }

func (s *site) shared(c *fiber.Ctx, wrong error) error {
	token := utils.CopyString(c.Params("token"))
	after, err := list.ParseCursor(utils.CopyString(c.Query("after")))
	if err != nil {
		return err
	}
	t, err := s.Shared.Open(c.UserContext(), token, visitOf(c), after)
	if err != nil {
		return err
	}
	p := SharedPage{Page: s.page(c, "Shared with you", ""), SharedThing: t, Path: fiberx.SharePath(token), Sharer: t.Link.CreatorName}
	if !t.Locked && t.Label != "" {
		p.Title = t.Label
	}
	if err := p.look(c, s, token); err != nil {
		return err
	}
	if t.Link.MaxDownloads > 0 {
		p.Left = t.Link.MaxDownloads - t.Link.Downloads
	}
	if t.Next != nil {
		p.More = p.Path + "?after=" + url.QueryEscape(list.FormatCursor(*t.Next))
	}
	if wrong != nil {
		p.Problem = messageOf(wrong)
		c.Status(fiberx.StatusOf(wrong))
	}
	return c.Render("shared", p, layoutPlain)
}

// look puts what can be seen of a file on the page: of the link's own, or of the
// one of its batch that the address names.
func (p *SharedPage) look(c *fiber.Ctx, s *site, token string) error {
	file, err := fileIn(utils.CopyString(c.Query("file")))
	if err != nil || p.Locked || p.File == nil && file == nil {
		return err
	}
	got, err := s.Shared.Look(c.UserContext(), token, visitOf(c), file)
	if p.File != nil && (domain.IsCode(err, domain.Internal) || domain.IsCode(err, domain.Unavailable)) {
		// The storage does not answer; what is known of the file is still true.
		s.Logger.Warn("no preview", "file_id", p.File.ID, "error", err.Error())
		got, err = &usecase.SharedLook{File: p.File}, nil
	}
	if err != nil {
		return err
	}
	p.Title, p.Hash = got.File.OriginalFilename, groups(got.File.SHA256, 8)
	url := p.Path + "/preview"
	if p.File == nil {
		p.Only = got.File.ID.String()
		url += "?file=" + p.Only
	}
	p.File, p.Look = got.File, previewView(got.File, got.Preview, url)
	return nil
}

// fileIn reads the id of one of a batch's files; "" is none.
func fileIn(raw string) (*uuid.UUID, error) {
	if raw == "" {
		return nil, nil
	}
	id, err := fiberx.ParseID(raw)
	return &id, err
}

// previewShared sends an image or a PDF to be looked at.
func (s *site) previewShared(c *fiber.Ctx) error {
	file, err := fileIn(utils.CopyString(c.Query("file")))
	if err != nil {
		return err
	}
	token := utils.CopyString(c.Params("token"))
	got, err := s.Shared.Look(c.UserContext(), token, visitOf(c), file)
	if domain.IsCode(err, domain.Unauthenticated) {
		return seeOther(c, fiberx.SharePath(token))
	}
	if err != nil {
		return err
	}
	if err := sendPreview(c, got.Preview); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store") // a stranger's browser keeps nothing of it
	return nil
}

// unlockShared takes the password of a link.
func (s *site) unlockShared(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	token := utils.CopyString(c.Params("token"))
	pass, err := s.Shared.Unlock(c.UserContext(), token, form.Get("password"), visitOf(c))
	switch domain.CodeOf(err) {
	case "":
	case domain.Invalid, domain.Quota:
		return s.shared(c, err)
	default:
		return err
	}
	if pass != "" {
		s.keepPass(c, token, pass)
	}
	return seeOther(c, fiberx.SharePath(token))
}

// beginShared counts a download and sends the browser to its bytes.
func (s *site) beginShared(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	file, err := fileIn(form.Get("file"))
	if err != nil {
		return err
	}
	token := utils.CopyString(c.Params("token"))
	t, err := s.Shared.Begin(c.UserContext(), token, visitOf(c), file)
	if domain.IsCode(err, domain.Unauthenticated) {
		return seeOther(c, fiberx.SharePath(token))
	}
	if err != nil {
		return err
	}
	s.keepPass(c, token, t.Pass)
	return seeOther(c, fiberx.SharePath(token)+"/get/"+t.Ticket)
}

// fetchShared sends the bytes of a download that was counted.
func (s *site) fetchShared(c *fiber.Ctx) error {
	got, err := s.Shared.Fetch(c.UserContext(), utils.CopyString(c.Params("token")), utils.CopyString(c.Params("ticket")), visitOf(c))
	if err != nil {
		return err
	}
	if got.ZIP != nil {
		return fiberx.SendArchive(c, got.ZIP)
	}
	return fiberx.SendDownload(c, got.File)
}

// ShareLine is a link in the section of its file or batch.
type ShareLine struct {
	Link              *domain.ShareLink
	URL               string
	State, Word, Icon string
	Downloads         string
}

// Shares is that section.
type Shares struct {
	Lines []ShareLine
	New   string // where another one is made; empty when nothing can be shared
	What  string
}

func (s *site) sharesOf(links []*domain.ShareLink, what, path string, may bool) *Shares {
	out := &Shares{What: what}
	if may {
		out.New = path + "share/"
	}
	now := s.Clock.Now()
	for _, l := range links {
		line := ShareLine{Link: l, URL: "/app/shares/" + l.ID.String() + "/", Downloads: shareDownloads(l)}
		line.State, line.Word, line.Icon = sharePill(l.State(now))
		out.Lines = append(out.Lines, line)
	}
	return out
}

func shareDownloads(l *domain.ShareLink) string {
	if l.MaxDownloads == 0 {
		return counted(l.Downloads, "download")
	}
	return groupInt(l.Downloads) + " of " + counted(l.MaxDownloads, "download")
}

// sharePill is how a link's state shows.
func sharePill(st domain.ShareState) (state, word, icon string) {
	switch st {
	case domain.ShareUsedUp:
		return "complete", "Used up", "check-check"
	case domain.ShareExpired:
		return "disabled", "Expired", "hourglass"
	case domain.ShareRevoked:
		return "cancelled", "Revoked", "ban"
	}
	return "active", "Live", "link"
}

package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// ShareFormPage makes a share link.
type ShareFormPage struct {
	Page
	What, Name, Back                                 string // file or batch; its name; its page
	Lives                                            []LifeChoice
	Limit                                            string
	LifeError, PasswordError, LimitError, ShareError string
	MinPassword                                      int
}

// shareLives are offered; the usual one is chosen beforehand.
var shareLives = lives{{"1d", "1 day", day}, {"7d", "7 days", 7 * day}, {"30d", "30 days", 30 * day}, {"never", "Never", 0}}

const usualShareLife = "7d"

// shareForm is what was typed; the password is never sent back.
type shareForm struct{ life, limit string }

// shareTarget is what a form's link leads to.
type shareTarget struct {
	what, name, page string
	file, batch      *uuid.UUID
	crumbs           []Crumb
}

func (s *site) targetFile(c *fiber.Ctx) (shareTarget, error) {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return shareTarget{}, err
	}
	f, err := s.Files.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return shareTarget{}, err
	}
	page := "/app/files/" + id.String() + "/"
	return shareTarget{what: "file", name: f.OriginalFilename, page: page, file: &id, crumbs: []Crumb{{Label: "Files", URL: "/app/files/"}, {Label: f.OriginalFilename, URL: page}}}, nil
}

func (s *site) targetBatch(c *fiber.Ctx) (shareTarget, error) {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return shareTarget{}, err
	}
	b, err := s.Batches.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return shareTarget{}, err
	}
	page := "/app/batches/" + id.String() + "/"
	return shareTarget{what: "batch", name: batchTitle(b), page: page, batch: &id, crumbs: []Crumb{{Label: "Batches", URL: "/app/batches/"}, {Label: batchTitle(b), URL: page}}}, nil
}

// newShare shows the form for what of finds.
func (s *site) newShare(of func(*fiber.Ctx) (shareTarget, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		t, err := of(c)
		if err != nil {
			return err
		}
		return s.shareForm(c, t, shareForm{life: usualShareLife}, nil)
	}
}

// shareForm shows the form with what was typed; err is what was wrong with it.
func (s *site) shareForm(c *fiber.Ctx, t shareTarget, f shareForm, err error) error {
	p := ShareFormPage{
		Page: s.page(c, "Share", map[string]string{"file": "files", "batch": "batches"}[t.what], t.crumbs...),
		What: t.what, Name: t.name, Back: t.page, Lives: shareLives.choices(f.life, s.Clock.Now()), Limit: f.limit, MinPassword: domain.MinPasswordLength,
	}
	if err != nil {
		c.Status(fiberx.StatusOf(err))
		switch fieldOf(err) {
		case "expires_at":
			p.LifeError = messageOf(err)
		case "password":
			p.PasswordError = messageOf(err)
		case "max_downloads":
			p.LimitError = messageOf(err)
		default:
			p.ShareError = messageOf(err)
		}
	}
	return render(c, "pages/share_form", "", p)
}

func (s *site) readShareForm(c *fiber.Ctx, t shareTarget) (f shareForm, in usecase.ShareInput, err error) {
	form, err := readForm(c)
	if err != nil {
		return f, in, err
	}
	f = shareForm{life: form.Get("expires"), limit: strings.TrimSpace(form.Get("max_downloads"))}
	in = usecase.ShareInput{File: t.file, Batch: t.batch, Password: form.Get("password")}
	life, ok := shareLives.find(f.life)
	if !ok {
		return f, in, domain.FieldErrorf("expires_at", "Choose how long the link works.")
	}
	if life > 0 {
		until := s.Clock.Now().Add(life)
		in.ExpiresAt = &until
	}
	if f.limit != "" {
		n, err := strconv.Atoi(f.limit)
		if err != nil || n < 1 {
			return f, in, domain.FieldErrorf("max_downloads", "A limit is a number from 1 on. Leave it empty for none.")
		}
		in.MaxDownloads = n
	}
	return f, in, nil
}

func (s *site) createShare(of func(*fiber.Ctx) (shareTarget, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		t, err := of(c)
		if err != nil {
			return err
		}
		f, in, err := s.readShareForm(c, t)
		var (
			link  *domain.ShareLink
			token string
		)
		if err == nil {
			link, token, err = s.Shares.Create(c.UserContext(), fiberx.Actor(c), in)
		}
		if isFormError(err) {
			return s.shareForm(c, t, f, err)
		}
		if err != nil {
			return err
		}
		return s.showOnce(c, sharesPath+link.ID.String()+"/", s.BaseURL+fiberx.SharePath(token))
	}
}

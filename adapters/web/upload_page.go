package web

import (
	"errors"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// UploadPage is the page to drop files on, and the answer to its plain form.
type UploadPage struct {
	Page
	MaxSize      int64
	AllowedTypes []string
	TTLHours     int
	Usage        UsageView
	Label        string
	Error        string
	BatchURL     string
	Results      []UploadResult
	Unfinished   []Unfinished
	Into         *domain.Batch // the batch that the files are to complete; nil for a new one
}

// UploadResult is what became of one file of the plain form.
type UploadResult struct {
	Name   string
	OK     bool
	FileID string
	Size   int64
	SHA256 string
	Reason string
}

// maxField is how long a text field of the form may be, in bytes.
const maxField = 4 << 10

// showUpload shows the page; with ?batch= it goes on with that batch: files of
// it that are here already are not sent again.
func (s *site) showUpload(c *fiber.Ctx) error {
	if err := fiberx.Actor(c).RequireTo(domain.MayUpload); err != nil {
		return err
	}
	p := UploadPage{}
	id, err := optionalID(c.Query("batch"))
	if err != nil {
		return err
	}
	if id != nil {
		if p.Into, err = s.Batches.Find(c.UserContext(), fiberx.Actor(c), *id); err != nil {
			return err
		}
		p.Label = p.Into.Label
	}
	return s.uploadPage(c, p)
}

func (s *site) uploadPage(c *fiber.Ctx, p UploadPage) error {
	p.Page = s.page(c, "Upload", "upload")
	a := fiberx.Actor(c)
	policy := s.Uploads.Policy(a)
	p.MaxSize, p.AllowedTypes, p.TTLHours = policy.MaxSize, policy.AllowedTypes, int(policy.TTL/time.Hour)
	if a.Allowance.Quota > 0 {
		usage, err := s.Uploads.Usage(c.UserContext(), a)
		if err != nil {
			return err
		}
		p.Usage = usageView(usage)
	}
	var err error
	if p.Unfinished, err = s.unfinished(c.UserContext(), a); err != nil {
		return err
	}
	return render(c, "upload", "", p)
}

// intoWords says what happens to files that go on with a batch.
func intoWords(b *domain.Batch) string {
	again := "Choose the same files or folder again: what is here already is not sent twice."
	if b.SealedAt != nil {
		return again + " The batch is finished, so the others go into a new one."
	}
	return again + " The others join it."
}

// form is a plain upload on its way in.
type form struct {
	actor   domain.Actor
	label   string
	batch   *domain.Batch
	results []UploadResult
}

// uploadForm takes the form of a browser without script: fields first, then one
// file after the other, each streamed as it comes.
func (s *site) uploadForm(c *fiber.Ctx) error {
	parts, err := fiberx.OpenForm(c)
	if err != nil {
		return err
	}
	f := &form{actor: fiberx.Actor(c)}
	if err := s.takeParts(c, f, parts); err != nil {
		return err
	}
	p := UploadPage{Label: f.label, Results: f.results}
	if f.batch == nil {
		p.Error = "No file was chosen. Choose some, then upload them."
		c.Status(fiber.StatusBadRequest)
		return s.uploadPage(c, p)
	}
	if _, err := s.Uploads.FinaliseBatch(c.UserContext(), f.actor, f.batch.ID); err != nil {
		return err
	}
	p.BatchURL = "/app/batches/" + f.batch.ID.String() + "/"
	return s.uploadPage(c, p)
}

func (s *site) takeParts(c *fiber.Ctx, f *form, parts *fiberx.Form) error {
	if err := checkFirst(c, parts); err != nil {
		return err
	}
	for {
		next, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return brokenForm(err)
		}
		if err := s.takePart(c, f, next); err != nil {
			return err
		}
	}
}

// checkFirst wants the CSRF token in front of everything else.
func checkFirst(c *fiber.Ctx, parts *fiberx.Form) error {
	first, err := parts.NextPart()
	if err != nil {
		return brokenForm(err)
	}
	token := ""
	if first.FormName() == "_csrf" {
		if token, err = readField(first); err != nil {
			return err
		}
	}
	return fiberx.CheckCSRF(c, token)
}

func (s *site) takePart(c *fiber.Ctx, f *form, p *fiberx.Part) error {
	name := p.FileName()
	if p.FormName() == "label" && name == "" {
		label, err := readField(p)
		f.label = label
		return err
	}
	if p.FormName() != "files" || name == "" {
		return nil
	}
	if f.batch == nil {
		b, _, err := s.Uploads.CreateBatch(c.UserContext(), f.actor, f.label, "")
		if err != nil {
			return err
		}
		f.batch = b
	}
	return s.takeFile(c, f, name, p)
}

// takeFile hands one file in. A refusal is this file's result; only what is
// not about the file ends the form.
func (s *site) takeFile(c *fiber.Ctx, f *form, name string, body io.Reader) error {
	file, err := s.Uploads.Upload(c.UserContext(), f.actor, usecase.UploadInput{Name: name, Size: -1, BatchID: &f.batch.ID, Body: body})
	switch domain.CodeOf(err) {
	case "":
		f.results = append(f.results, UploadResult{Name: file.OriginalFilename, OK: true, FileID: file.ID.String(), Size: file.SizeBytes, SHA256: file.SHA256})
		return nil
	case domain.Internal, domain.Unauthenticated, domain.Forbidden, domain.NotFound:
		return err
	}
	f.results = append(f.results, UploadResult{Name: name, Reason: messageOf(err)})
	return nil
}

func readField(part io.Reader) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return "", brokenForm(err)
	}
	if len(raw) > maxField {
		return "", domain.Errorf(domain.Invalid, "A field of the form is longer than %d bytes. Reload the page and try again.", maxField)
	}
	return string(raw), nil
}

func brokenForm(err error) error {
	var known *domain.Error
	if errors.As(err, &known) {
		return err
	}
	return domain.WrapError(domain.Invalid, err, "The form broke off before all files were here. What had arrived is kept; send the rest again.")
}

// optionalID reads the id of a query parameter; "" is none.
func optionalID(raw string) (*uuid.UUID, error) {
	if raw == "" {
		return nil, nil
	}
	id, err := fiberx.ParseID(raw)
	if err != nil {
		return nil, err
	}
	return &id, nil
}

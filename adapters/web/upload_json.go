package web

import (
	"encoding/json"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

// What the upload page's script gets; static/_src/js/upload reads it.
type (
	batchMade struct {
		ID  uuid.UUID `json:"id"`
		URL string    `json:"url"`
	}
	fileMade struct {
		ID               uuid.UUID `json:"id"`
		OriginalFilename string    `json:"original_filename"`
		SizeBytes        int64     `json:"size_bytes"`
		SHA256           string    `json:"sha256"`
		Status           string    `json:"status"`
		URL              string    `json:"url"`
		Page             string    `json:"page"`
	}
	batchFiles struct {
		ID    uuid.UUID   `json:"id"`
		Label string      `json:"label"`
		URL   string      `json:"url"`
		Open  bool        `json:"open"` // takes more files
		Files []batchFile `json:"files"`
	}
	batchFile struct {
		Name   string `json:"name"`
		Path   string `json:"path"`
		Size   int64  `json:"size"`
		Status string `json:"status"`
	}
	batchDone struct {
		ID     uuid.UUID `json:"id"`
		Status string    `json:"status"`
		Files  int       `json:"files"`
		Failed int       `json:"failed"`
	}
)

func (s *site) createBatch(c *fiber.Ctx) error {
	var in struct {
		Label string `json:"label"`
	}
	if err := json.Unmarshal(c.Body(), &in); len(c.Body()) > 0 && err != nil {
		return domain.WrapError(domain.Invalid, err, "The request is not JSON. Reload the page and try again.")
	}
	b, created, err := s.Uploads.CreateBatch(c.UserContext(), fiberx.Actor(c), in.Label, utils.CopyString(c.Get("Idempotency-Key")))
	if err != nil {
		return err
	}
	status := fiber.StatusOK
	if created {
		status = fiber.StatusCreated
	}
	return c.Status(status).JSON(batchMade{ID: b.ID, URL: batchURL(b.ID)})
}

func (s *site) finaliseJSON(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	b, err := s.Uploads.FinaliseBatch(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(batchDone{ID: b.ID, Status: string(b.Status), Files: b.Counts.Files, Failed: b.Counts.Failed})
}

// maxBatchFiles bounds the list that filesOfBatch reads into memory.
const maxBatchFiles = 100_000

// filesOfBatch lists a batch's files for who goes on with it, without failures
// that a later try replaced.
func (s *site) filesOfBatch(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	actor := fiberx.Actor(c)
	b, err := s.Batches.Find(c.UserContext(), actor, id)
	if err != nil {
		return err
	}
	out := batchFiles{ID: b.ID, Label: b.Label, URL: batchURL(b.ID), Open: b.SealedAt == nil, Files: []batchFile{}}
	q := ports.ListQuery{Filters: batchFilter(b), Limit: ports.MaxPageSize}
	for len(out.Files) < maxBatchFiles {
		page, err := s.Files.List(c.UserContext(), actor, q)
		if err != nil {
			return err
		}
		for _, f := range page.Items {
			out.Files = append(out.Files, batchFile{f.OriginalFilename, f.Metadata["path"], f.SizeBytes, string(f.Status)})
			q.After = &ports.Cursor{At: f.CreatedAt, ID: f.ID}
		}
		if !page.Older || len(page.Items) == 0 {
			break
		}
	}
	return c.JSON(out)
}

// showUploaded tells of one file what its row on the page needs.
func (s *site) showUploaded(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	f, err := s.Files.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(fileMade{
		ID: f.ID, OriginalFilename: f.OriginalFilename, SizeBytes: f.SizeBytes, SHA256: f.SHA256,
		Status: string(f.Status), URL: s.Files.Link(fiberx.Actor(c), f), Page: "/app/files/" + f.ID.String() + "/",
	})
}

func batchURL(id uuid.UUID) string { return "/app/batches/" + id.String() + "/" }

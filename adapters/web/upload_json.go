package web

import (
	"encoding/json"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
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
	return c.Status(status).JSON(batchMade{ID: b.ID, URL: "/app/batches/" + b.ID.String() + "/"})
}

// uploadFile streams one file of the page in.
func (s *site) uploadFile(c *fiber.Ctx) error {
	name, err := fiberx.UnescapeName(c.Params("name"))
	if err != nil {
		return err
	}
	batch, err := optionalID(c.Query("batch"))
	if err != nil {
		return err
	}
	in := usecase.UploadInput{Name: name, BatchID: batch}
	if folder := domain.CleanFolder(strings.Clone(c.Query("path"))); folder != "" {
		in.Metadata = map[string]string{"path": folder}
	}
	in.Body, in.Size = fiberx.Body(c)
	f, err := s.Uploads.Upload(c.UserContext(), fiberx.Actor(c), in)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(fileMade{
		ID: f.ID, OriginalFilename: f.OriginalFilename, SizeBytes: f.SizeBytes, SHA256: f.SHA256,
		Status: string(f.Status), URL: s.Files.Link(f), Page: "/app/files/" + f.ID.String() + "/",
	})
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

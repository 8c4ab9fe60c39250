package tus

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

const (
	bundlePath = creationPath + "bundle"
	// maxBundled is how large a file in a bundle may be: it is held in memory
	// while it is taken in, so that what broke off leaves nothing behind.
	maxBundled = 256 << 10
	// maxBundle is how many files one request brings at most.
	maxBundle = 256
)

// bundled is what became of one file of a bundle: the status that it would have
// had as a request of its own, and what its headers would have said. An upload
// without FileID is there, but not complete: go on with it by its Location.
type bundled struct {
	Status     int             `json:"status"`
	Location   string          `json:"location,omitempty"`
	FileID     *uuid.UUID      `json:"file_id,omitempty"`
	SHA256     string          `json:"sha256,omitempty"`
	Replayed   bool            `json:"replayed,omitempty"`
	Problem    json.RawMessage `json:"problem,omitempty"`
	RetryAfter int             `json:"retry_after,omitempty"`
}

// bundle takes several small files in one request. Each part of its
// multipart/mixed body is a creation with its whole body: Idempotency-Key and
// Upload-Metadata stand in the part's header, the bytes after it. The answer
// tells what became of each, in their order. A body that breaks off is an
// error, whatever was stored before: sent again under the same keys, it makes
// nothing twice.
func (h *handlers) bundle(c *fiber.Ctx) error {
	parts, err := fiberx.OpenMixed(c)
	if err != nil {
		return err
	}
	out := []bundled{}
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return c.JSON(fiber.Map{"uploads": out})
		case err != nil:
			return brokenBundle(err)
		case len(out) == maxBundle:
			return domain.Errorf(domain.TooLarge, "A bundle has up to %d files. Send the others in another one.", maxBundle)
		}
		one, err := h.takeBundled(c, part)
		if err != nil {
			return err
		}
		out = append(out, one)
	}
}

// takeBundled takes one file in. A refusal is this file's result; an error is
// only what ends the request: a body that breaks off, and an actor who may not
// upload at all.
func (h *handlers) takeBundled(c *fiber.Ctx, part *fiberx.Part) (bundled, error) {
	data, err := io.ReadAll(io.LimitReader(part, maxBundled+1))
	if err != nil {
		return bundled{}, brokenBundle(err)
	}
	w, err := readBundled(part.Header, data)
	if err == nil {
		var done bundled
		if done, err = h.makeBundled(c, w); err == nil {
			return done, nil
		}
	}
	if code := domain.CodeOf(err); code == domain.Forbidden || code == domain.Unauthenticated {
		return bundled{}, err
	}
	r := fiberx.RefusalOf(c, err)
	return bundled{Status: r.Status, Problem: r.Problem, RetryAfter: r.RetryAfter}, nil
}

func (h *handlers) makeBundled(c *fiber.Ctx, w *creation) (bundled, error) {
	s, made, err := h.make(c, w)
	if err != nil {
		return bundled{}, err
	}
	out := bundled{Status: fiber.StatusCreated, Location: creationPath + s.ID.String(), Replayed: !made}
	if s, err = h.begin(c, w, s); err != nil {
		return bundled{}, err
	}
	if s.Status == domain.SessionComplete {
		out.FileID, out.SHA256 = s.FileID, s.SHA256()
	}
	return out, nil
}

// readBundled reads a part's header as that of a creation.
func readBundled(header map[string][]string, data []byte) (*creation, error) {
	for name, values := range header {
		switch {
		case name != "Idempotency-Key" && name != hMetadata:
			if strings.HasPrefix(name, "Upload-") {
				return nil, domain.FieldErrorf(name, "A file in a bundle has no %s. Leave it out, or send the file alone.", name)
			}
		case len(values) > 1:
			return nil, domain.FieldErrorf(name, "%s came %d times. Send it once.", name, len(values))
		}
	}
	if len(data) > maxBundled {
		return nil, domain.Errorf(domain.TooLarge, "A file in a bundle has up to %s. Send this one alone.", domain.FormatBytes(maxBundled))
	}
	key, metadata := strings.Join(header["Idempotency-Key"], ""), strings.Join(header[hMetadata], "")
	if key == "" {
		return nil, domain.FieldErrorf("Idempotency-Key", "Each file in a bundle has an Idempotency-Key, so that the bundle may be sent again. Send one.")
	}
	pairs, err := parseMetadata(metadata)
	if err != nil {
		return nil, err
	}
	size := int64(len(data))
	w := &creation{
		in:       usecase.SessionInput{Kind: domain.SessionWhole, Size: &size, IdempotencyKey: key, Declared: map[string]string{}},
		withBody: true,
		first:    write{size: size, body: &inMemory{data}},
	}
	if metadata != "" {
		w.in.Declared[hMetadata] = metadata
	}
	return w, describe(&w.in, pairs)
}

func brokenBundle(err error) error {
	var known *domain.Error
	if errors.As(err, &known) {
		return err
	}
	return domain.WrapError(domain.Invalid, err, "The bundle broke off before all files were here. What had arrived is kept; send it again.")
}

// inMemory is a body that is all there.
type inMemory struct{ left []byte }

var _ usecase.Ready = (*inMemory)(nil)

func (m *inMemory) Read(p []byte) (int, error) {
	if len(m.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, m.left)
	m.left = m.left[n:]
	return n, nil
}

// ReadReady implements usecase.Ready.
func (m *inMemory) ReadReady(p []byte, _ time.Duration) (int, error) {
	n := copy(p, m.left)
	m.left = m.left[n:]
	return n, nil
}

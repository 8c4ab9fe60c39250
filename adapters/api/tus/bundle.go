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
	// So many files, or the one that fills so many bytes, are taken in together.
	groupFiles = 25
	groupBytes = 256 << 10
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
// nothing twice. So is an actor who may not upload at all.
func (h *handlers) bundle(c *fiber.Ctx) error {
	parts, err := fiberx.OpenMixed(c)
	if err != nil {
		return err
	}
	out := []bundled{}
	for {
		group, last := readGroup(parts, maxBundle-len(out))
		told, err := h.takeGroup(c, group)
		if err != nil {
			return err
		}
		out = append(out, told...)
		switch {
		case errors.Is(last, io.EOF):
			return c.JSON(fiber.Map{"uploads": out})
		case last != nil:
			return last
		}
	}
}

// asked is one file of a bundle as it came; err is why it is refused.
type asked struct {
	creation *creation
	err      error
}

// readGroup reads files until there are enough of them for one commit. last is
// what ended the bundle, io.EOF when that was its end; what came whole before is
// in the group.
func readGroup(parts *fiberx.Form, room int) (group []asked, last error) {
	bytes := 0
	for len(group) < groupFiles && bytes < groupBytes {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return group, io.EOF
		case err != nil:
			return group, brokenBundle(err)
		case len(group) == room:
			return group, domain.Errorf(domain.TooLarge, "A bundle has up to %d files. Send the others in another one.", maxBundle)
		}
		data, err := io.ReadAll(io.LimitReader(part, maxBundled+1))
		if err != nil {
			return group, brokenBundle(err)
		}
		one, err := readBundled(part.Header, data)
		group = append(group, asked{one, err})
		bytes += len(data)
	}
	return group, nil
}

// takeGroup takes files in; a refusal is its file's result.
func (h *handlers) takeGroup(c *fiber.Ctx, group []asked) ([]bundled, error) {
	var in []usecase.SessionInput
	for _, one := range group {
		if one.err == nil {
			one.creation.open()
			in = append(in, one.creation.in)
		}
	}
	made := h.Together.CreateAll(c.UserContext(), fiberx.Actor(c), in)
	var out []bundled
	for _, one := range group {
		var done bundled
		if one.err == nil {
			done, one.err = h.told(c, one.creation, made[0])
			made = made[1:]
		}
		switch code := domain.CodeOf(one.err); code {
		case "":
		case domain.Forbidden, domain.Unauthenticated:
			return nil, one.err
		default:
			r := fiberx.RefusalOf(c, one.err)
			done = bundled{Status: r.Status, Problem: r.Problem, RetryAfter: r.RetryAfter}
		}
		out = append(out, done)
	}
	return out, nil
}

// told says what became of a file, and stores it if that is still to do.
func (h *handlers) told(c *fiber.Ctx, w *creation, made usecase.Creation) (bundled, error) {
	if made.Err != nil {
		return bundled{}, made.Err
	}
	w.first.body = w.in.First.Body
	s, err := h.begin(c, w, made.Session)
	if err != nil {
		return bundled{}, err
	}
	out := bundled{Status: fiber.StatusCreated, Location: creationPath + s.ID.String(), Replayed: !made.Created}
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

package tus

import (
	"errors"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// fieldChecksum is what usecase.Sessions calls a checksum that did not match.
const fieldChecksum = "checksum"

// write is one request's bytes.
type write struct {
	id     uuid.UUID
	offset int64
	size   int64 // -1 when chunked
	body   io.Reader
	sum    *checksum
}

func (w write) input() usecase.AppendInput {
	in := usecase.AppendInput{Offset: w.offset, Size: w.size, Body: w.body}
	if w.sum != nil {
		in.Checksum, in.Sum = w.sum, w.sum.Want
	}
	return in
}

// append hands them over. 460 for a checksum that does not match. After a body
// that broke off the answer says what is durable, should anybody read it.
func (h *handlers) append(c *fiber.Ctx, w write) (*domain.UploadSession, error) {
	s, err := h.Sessions.Append(c.UserContext(), fiberx.Actor(c), w.id, w.input())
	if err == nil {
		return s, nil
	}
	var e *domain.Error
	switch {
	case !errors.As(err, &e) || e.Code != domain.Invalid:
	case e.Field == fieldChecksum && w.sum != nil && w.sum.err != nil:
		return nil, w.sum.err
	case e.Field == fieldChecksum:
		return nil, refuse(statusMismatch, domain.Invalid, hChecksum, "The bytes do not match their checksum, so they were dropped. Send them again.")
	case e.Field == "body" && s != nil:
		setCount(c, hOffset, s.BytesReceived)
	}
	return s, err
}

// appendLast is append for the request that declares a deferred size
// ("Upload-Defer-Length"). The bytes go first: a wrong offset or checksum must
// leave the upload as it was, its size included.
func (h *handlers) appendLast(c *fiber.Ctx, w write, total int64) (*domain.UploadSession, error) {
	w.body = &bounded{src: w.body, left: total - w.offset}
	s, err := h.append(c, w)
	if err != nil {
		return s, err
	}
	if s, err = h.Sessions.DeclareSize(c.UserContext(), fiberx.Actor(c), w.id, total); err != nil {
		return nil, err
	}
	return h.finish(c, s)
}

// finish completes an upload that is whole without a further byte.
func (h *handlers) finish(c *fiber.Ctx, s *domain.UploadSession) (*domain.UploadSession, error) {
	open := s.Status == domain.SessionInit || s.Status == domain.SessionInProgress
	if !open || !s.IsWhole() {
		return s, nil
	}
	return h.append(c, write{id: s.ID, offset: s.BytesReceived, body: strings.NewReader("")})
}

// bounded ends with TooLarge where more than left bytes come.
type bounded struct {
	src  io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left > 0 {
		n, err := b.src.Read(p[:min(int64(len(p)), b.left)])
		b.left -= int64(n)
		return n, err
	}
	var one [1]byte
	n, err := b.src.Read(one[:])
	if n > 0 {
		return 0, tooMuch()
	}
	return 0, err
}

func tooMuch() error {
	return domain.Errorf(domain.TooLarge, "These are more bytes than Upload-Length says. Send as many as declared.")
}

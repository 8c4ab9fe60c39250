package fiberx

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"os"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
	"doorito/ports/usecase"
)

// maxBoundary is the longest boundary of RFC 2046, section 5.1.1.
const maxBoundary = 70

// slowest is how many bytes a second a body brings at least, measured over
// Config.IdleTimeout of waiting for the client: one byte now and then would
// hold a connection for ever otherwise.
const slowest = 256

var _ usecase.Ready = (*body)(nil)

// body reads a request's body from the connection. It holds nothing back: a
// large read goes straight into the caller's buffer.
type body struct {
	stream io.Reader
	conn   net.Conn
	size   int64 // -1 when chunked
	idle   time.Duration
	armed  time.Time // when the read deadline was set last
	n      int64
	waited time.Duration // for the client, since the pace was looked at
	paced  int64         // n at that time
	err    error         // what ended it
}

// Body returns the request's body and its length, -1 when it comes in chunks.
// A body that is shorter than declared, or breaks off, ends with
// io.ErrUnexpectedEOF. One that sends nothing for Config.IdleTimeout ends with
// Invalid on field body, and os.ErrDeadlineExceeded inside; so does one that
// brings less than slowest. Use it in the
// handler only: the connection serves the next request afterwards.
func Body(c *fiber.Ctx) (r io.Reader, size int64) {
	req := requestOf(c)
	if req.body == nil {
		req.body = newBody(c, req.server.IdleTimeout)
	}
	return req.body, req.body.size
}

func newBody(c *fiber.Ctx, idle time.Duration) *body {
	b := &body{stream: c.Context().RequestBodyStream(), conn: c.Context().Conn(), idle: idle}
	b.size = max(int64(c.Request().Header.ContentLength()), -1)
	if b.stream == nil {
		b.size, b.err = 0, io.EOF
	}
	return b
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	asked := time.Now()
	if err := b.arm(asked); err != nil {
		b.err = err
		return 0, err
	}
	n, err := b.stream.Read(p)
	b.n += int64(n)
	switch {
	case err == nil && b.n == b.size:
		err = io.EOF
	case err == nil:
		b.err = b.pace(time.Since(asked))
		return n, b.err
	}
	b.err = b.ended(err)
	return n, b.err
}

// ReadReady implements usecase.Ready.
func (b *body) ReadReady(p []byte, wait time.Duration) (n int, err error) {
	if b.err != nil || b.size < 0 {
		return 0, b.err
	}
	if err := b.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return 0, err
	}
	b.armed = time.Time{}
	for n < len(p) && err == nil {
		var got int
		got, err = b.stream.Read(p[n:])
		n += got
	}
	b.n += int64(n)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, nil
	}
	if err != nil {
		b.err = b.ended(err)
	}
	return n, b.err
}

// pace refuses a client that is too slow. What the storage takes is not its
// fault, so only the time inside reads counts.
func (b *body) pace(took time.Duration) error {
	if b.waited += took; b.waited < b.idle {
		return nil
	}
	came := b.n - b.paced
	if float64(came) < slowest*b.waited.Seconds() {
		e := domain.WrapError(domain.Invalid, os.ErrDeadlineExceeded, "Only %s came in %s, so the upload was cut off after %s. Send it again over a faster network.", domain.FormatBytes(came), b.waited.Round(time.Second/10), domain.FormatBytes(b.n))
		e.Field = "body"
		return e
	}
	b.waited, b.paced = 0, b.n
	return nil
}

// arm moves the read deadline. Setting it costs a lock in the runtime, so
// small reads in a row share one.
func (b *body) arm(now time.Time) error {
	if now.Sub(b.armed) < b.idle/16 {
		return nil
	}
	b.armed = now
	return b.conn.SetReadDeadline(now.Add(b.idle))
}

// ended finds the right words for what ended the stream.
func (b *body) ended(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return b.stalled(err)
	case err != io.EOF:
		return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
	case b.size >= 0 && b.n < b.size:
		return io.ErrUnexpectedEOF
	case b.size < 0:
		return b.endOfChunks()
	}
	return io.EOF
}

// endOfChunks tells a body's last chunk from a connection that closed between
// two chunks: fasthttp says io.EOF for both. After the last chunk it answers
// without looking at the connection; with a deadline that has passed, a look
// at the connection fails.
func (b *body) endOfChunks() error {
	if err := b.conn.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
	}
	var one [1]byte
	if _, err := b.stream.Read(one[:]); err != io.EOF {
		return io.ErrUnexpectedEOF
	}
	if err := b.conn.SetReadDeadline(time.Now().Add(b.idle)); err != nil {
		return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
	}
	return io.EOF
}

func (b *body) stalled(err error) error {
	e := domain.WrapError(domain.Invalid, err, "Nothing came for %s, so the upload was cut off after %s. Send it again.", b.idle, domain.FormatBytes(b.n))
	e.Field = "body"
	return e
}

// left is how many bytes the handler did not read: 0 when it read all, -1 when
// nobody knows.
func (b *body) left() int64 {
	switch {
	case b.err == io.EOF:
		return 0
	case b.size < 0:
		return -1
	}
	return b.size - b.n
}

// broken tells whether the connection is of no more use.
func (b *body) broken() bool { return b.err != nil && b.err != io.EOF }

// OpenForm reads the body as a form, which it streams. It is UnsupportedType
// when the body is no multipart/form-data, Invalid when it names no boundary.
func OpenForm(c *fiber.Ctx) (*Form, error) {
	return openParts(c, fiber.MIMEMultipartForm, "a form with files")
}

// OpenMixed is OpenForm for a body of multipart/mixed, whose parts have names
// only if their header gives them.
func OpenMixed(c *fiber.Ctx) (*Form, error) {
	return openParts(c, "multipart/mixed", "several files in one body")
}

func openParts(c *fiber.Ctx, want, words string) (*Form, error) {
	kind, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || kind != want {
		return nil, domain.Errorf(domain.UnsupportedType, "This address takes %s (%s). Send that.", words, want)
	}
	boundary := strings.Clone(params["boundary"])
	if boundary == "" || len(boundary) > maxBoundary {
		return nil, domain.FieldErrorf("body", "The form has no boundary of 1 to %d characters. Send it with another client.", maxBoundary)
	}
	r, _ := Body(c)
	return newForm(r, boundary), nil
}

package fiberx

import (
	"bufio"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// How much of an unread body is dropped after the answer was sent. A client
// that goes on longer is cut off.
const (
	lingerBytes = 64 << 20
	lingerTime  = 10 * time.Second
	// smallRest is what fasthttp drops by itself, keeping the connection.
	smallRest = 256 << 10
)

// settle looks after what the handler left unread of the body. It never
// becomes the next request: it is dropped, or the connection is closed. Closing
// with unread bytes resets the connection, and the client may lose the answer;
// so the answer goes out first, and then a bounded rest is read.
func (s *server) settle(c *fiber.Ctx) {
	left := unread(c)
	if left == 0 {
		return
	}
	conn := c.Context().Conn()
	if r := requestOf(c); r.body != nil && r.body.broken() {
		c.Context().SetConnectionClose()
		return
	}
	if left > 0 && left <= smallRest {
		// An error shows again when fasthttp reads.
		_ = conn.SetReadDeadline(time.Now().Add(lingerTime))
		return
	}
	if c.Response().IsBodyStream() { // its bytes cannot be kept for later
		c.Context().SetConnectionClose()
		return
	}
	answer := fasthttp.AcquireResponse()
	c.Response().CopyTo(answer)
	answer.SkipBody = answer.SkipBody || c.Method() == fiber.MethodHead
	answer.SetConnectionClose()
	// Taking the connection over is how fasthttp lets a handler write first
	// and read afterwards.
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) {
		defer fasthttp.ReleaseResponse(answer)
		linger(conn, answer, left)
	})
}

// unread is how much of the body the connection still holds; -1 when nobody
// knows.
func unread(c *fiber.Ctx) int64 {
	if r := requestOf(c); r.body != nil && (r.body.n > 0 || r.body.err == io.EOF) {
		return r.body.left()
	}
	if c.Context().RequestBodyStream() == nil {
		return 0
	}
	size := int64(c.Request().Header.ContentLength())
	if size >= prefetched {
		return size - prefetched
	}
	return size
}

// linger sends the answer and drops what still comes, within bounds. The
// caller closes the connection.
func linger(conn net.Conn, answer *fasthttp.Response, left int64) {
	if err := conn.SetDeadline(time.Now().Add(lingerTime)); err != nil {
		return
	}
	w := bufio.NewWriter(conn)
	if answer.Write(w) != nil || w.Flush() != nil {
		return
	}
	limit := int64(lingerBytes)
	if left > 0 {
		limit = min(limit, left)
	}
	// How the client ends it makes no difference any more.
	_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, io.LimitReader(conn, limit), make([]byte, 64<<10))
}

package fiberx

import (
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// interimTimeout is how long a client may let an informational response wait.
const interimTimeout = 10 * time.Second

// Interim sends informational responses (RFC 9110, section 15.2) ahead of a
// request's answer. The zero value sends nothing.
type Interim struct{ conn net.Conn }

// InterimOf returns what sends them for this request: nothing to a client of
// HTTP/1.0, which knows none.
//
// fasthttp has no way to send one with a status of its own, so they are written
// to the connection itself. That is in order: every earlier answer has left the
// server's buffer (sendAlone), and this request's answer is written when its
// handler has returned.
func InterimOf(c *fiber.Ctx) Interim {
	if !c.Request().Header.IsHTTP11() {
		return Interim{}
	}
	return Interim{c.Context().Conn()}
}

// Send writes one, with fields as "Name: value". Use it before the handler
// returns, by one goroutine at a time. A client that takes nothing for 10 s,
// while it sends, loses its connection: half a response cannot be followed by
// another.
func (i Interim) Send(status int, reason string, fields ...string) {
	if i.conn == nil {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", status, reason)
	for _, f := range fields {
		b.WriteString(f + "\r\n")
	}
	b.WriteString("\r\n")
	if err := i.conn.SetWriteDeadline(time.Now().Add(interimTimeout)); err == nil {
		if _, err = i.conn.Write([]byte(b.String())); err == nil {
			return
		}
	}
	// The read that waits for the body tells the handler.
	_ = i.conn.Close()
}

// sendAlone makes the server send this answer by itself. fasthttp would keep it
// while the next request of a pipeline is there already, and an informational
// response to that one would overtake it. An answer whose handler set a write
// deadline is not kept.
func (s *server) sendAlone(c *fiber.Ctx) {
	// An error shows again when fasthttp writes.
	_ = c.Context().SetWriteDeadline(time.Now().Add(pageWriteTimeout))
}

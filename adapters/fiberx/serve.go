package fiberx

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
)

const headerRequestID = "X-Request-Id"

// serve is around everything: it answers errors itself, so that status and
// body are known when the line is logged.
func (s *server) serve(c *fiber.Ctx) error {
	start := time.Now()
	s.begin(c)
	ctx, cancel := context.WithTimeout(context.Background(), handlerTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	err := overrideMethod(c)
	if err == nil {
		err = s.next(c)
	}
	if err != nil {
		s.answer(c, err)
	}
	keepPrivate(c)
	packPage(c)
	took := time.Since(start)
	s.logRequest(c, took)
	if s.Observe != nil {
		s.Observe(Observation{Method: utils.CopyString(c.Method()), Route: routeOf(c), Status: c.Response().StatusCode(), Took: took})
	}
	s.sendAlone(c)
	s.settle(c)
	return nil
}

// begin gives the request its id, its client's address and its headers.
func (s *server) begin(c *fiber.Ctx) *request {
	r := &request{server: s, id: s.requestID(c), ip: s.clientIP(c)}
	c.Locals(requestKey{}, r)
	c.Set(headerRequestID, r.id)
	s.harden(c)
	if s.Headers != nil {
		s.Headers(c)
	}
	return r
}

// requestID takes the id of a trusted proxy over, so that its log and ours
// meet; everybody else gets a fresh one.
func (s *server) requestID(c *fiber.Ctx) string {
	if id := c.Get(headerRequestID); id != "" && isRequestID(id) && s.trusts(peerAddr(c)) {
		return utils.CopyString(id)
	}
	return s.IDs.New().String()
}

func isRequestID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		b := id[i]
		if !(b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '-' || b == '_' || b == '.') {
			return false
		}
	}
	return true
}

// next runs the rest of the chain; a panic becomes an error for the log.
func (s *server) next(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Logger.Error("handler panicked", "request_id", RequestID(c), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errPanicked
		}
	}()
	return c.Next()
}

// logRequest writes the one line about this request.
func (s *server) logRequest(c *fiber.Ctx, took time.Duration) {
	status := c.Response().StatusCode()
	level := slog.LevelInfo
	if isProbe(c.Path()) && status < fiber.StatusBadRequest {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("request_id", RequestID(c)),
		slog.String("method", c.Method()),
		slog.String("path", pathForLog(c)),
		slog.Int("status", status),
		slog.Int64("duration_ms", took.Milliseconds()),
		slog.String("ip", ClientIP(c)),
	}
	if n := c.Request().Header.ContentLength(); n > 0 {
		attrs = append(attrs, slog.Int("request_bytes", n))
	}
	if a := Actor(c); a.IsKnown() {
		attrs = append(attrs, slog.String("user_id", a.UserID.String()))
		if a.IsToken() {
			attrs = append(attrs, slog.String("token_id", a.TokenID.String()))
		}
	}
	s.Logger.LogAttrs(context.Background(), level, "request", attrs...)
}

// pathForLog is the path without what opens doors: signed links, share links
// and invitations are shown as their routes.
func pathForLog(c *fiber.Ctx) string {
	if r := c.Route().Path; strings.Contains(r, ":token") {
		return r
	}
	if strings.HasPrefix(strings.ToLower(c.Path()), "/d/") {
		return "/d/…"
	}
	if strings.HasPrefix(strings.ToLower(c.Path()), "/join/") {
		return "/join/…"
	}
	if strings.HasPrefix(strings.ToLower(c.Path()), "/s/") {
		return "/s/…"
	}
	return utils.CopyString(c.Path())
}

// routeOf is the pattern of the route that answered; "other" when none did.
func routeOf(c *fiber.Ctx) string {
	if r := c.Route().Path; r != "/" || c.Path() == "/" {
		return r
	}
	return "other"
}

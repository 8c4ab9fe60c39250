package fiberx

import (
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/domain"
)

// Upload marks a route as one that streams its body: the guard lets any size
// pass, and the request's context has no deadline of its own, since the
// deadlines of its reads bound it.
//
//go:noinline
func Upload(h fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx, cancel := context.WithCancel(context.WithoutCancel(c.UserContext()))
		defer cancel()
		c.SetUserContext(ctx)
		return h(c)
	}
}

// uploadCode is the address of the code of every handler that Upload returns;
// Upload is never inlined, so there is one.
var uploadCode = reflect.ValueOf(Upload(nil)).Pointer()

// uploadRoutes remembers for each method the routes in the order in which Fiber
// tries them, and which of them are marked.
type uploadRoutes struct {
	handlers uint32 // how many the app had when the list was made
	byMethod map[string][]markedRoute
}

type markedRoute struct {
	pattern string
	begins  string // of every path that it matches, in any case
	upload  bool
}

// matches is RoutePatternMatch, which takes the pattern apart each time, for
// paths that may.
func (r markedRoute) matches(path string) bool {
	return len(path) >= len(r.begins) && utils.EqualFold(path[:len(r.begins)], r.begins) && fiber.RoutePatternMatch(path, r.pattern)
}

// mark finds what of a pattern comes before its first parameter, without a slash
// at its end, which may be left out.
func mark(pattern string, upload bool) markedRoute {
	begins := pattern
	if i := strings.IndexAny(pattern, `:*+?(\`); i >= 0 {
		begins = pattern[:i]
	}
	return markedRoute{pattern: pattern, begins: strings.TrimRight(begins, "/"), upload: upload}
}

// takesUpload finds the route that Fiber will take for this request and tells
// whether it is marked.
func (s *server) takesUpload(c *fiber.Ctx) bool {
	known := s.uploads.Load()
	if known == nil || known.handlers != s.app.HandlersCount() {
		known = listUploadRoutes(s.app)
		s.uploads.Store(known)
	}
	path := c.Path()
	if len(path) > 1 {
		path = strings.TrimRight(path, "/") // the pattern's is trimmed too
	}
	for _, r := range known.byMethod[c.Method()] {
		if r.matches(path) {
			return r.upload
		}
	}
	return false
}

func listUploadRoutes(app *fiber.App) *uploadRoutes {
	out := &uploadRoutes{handlers: app.HandlersCount(), byMethod: map[string][]markedRoute{}}
	for _, r := range app.GetRoutes(true) {
		marked := slices.ContainsFunc(r.Handlers, func(h fiber.Handler) bool {
			return reflect.ValueOf(h).Pointer() == uploadCode
		})
		out.byMethod[r.Method] = append(out.byMethod[r.Method], mark(r.Path, marked))
	}
	return out
}

// guard reads the small body of an ordinary route and refuses a large one. An
// Upload route's body is left in its stream.
func (s *server) guard(c *fiber.Ctx) error {
	err := s.takeSmall(c)
	if err == nil {
		return c.Next()
	}
	// Who asks is not known yet, and what the page of this error offers depends
	// on it; when that fails, it offers what everybody may do.
	if unknown := s.recognise(c); unknown != nil {
		s.Logger.Debug("refused before anybody was recognised", "request_id", RequestID(c), "error", unknown.Error())
	}
	return err
}

func (s *server) takeSmall(c *fiber.Ctx) error {
	size := c.Request().Header.ContentLength()
	if c.Context().RequestBodyStream() == nil || size == 0 {
		return nil
	}
	if enc := c.Get(fiber.HeaderContentEncoding); enc != "" && !utils.EqualFold(enc, "identity") {
		return domain.Errorf(domain.UnsupportedType, "Bodies are taken as they are, without Content-Encoding. Send it unpacked.")
	}
	if s.takesUpload(c) {
		return nil
	}
	if size < 0 {
		return domain.Errorf(domain.TooLarge, "This address takes a body of up to %s with a Content-Length, and this one came in chunks. Send its length.", domain.FormatBytes(MaxSmallBody))
	}
	if size > MaxSmallBody {
		return domain.Errorf(domain.TooLarge, "This address takes a body of up to %s; this one has %s. Send less.", domain.FormatBytes(MaxSmallBody), domain.FormatBytes(int64(size)))
	}
	whole := make([]byte, size)
	n, err := io.ReadFull(c.Context().RequestBodyStream(), whole)
	switch {
	case n == size:
		c.Request().SetBodyRaw(whole)
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return domain.WrapError(domain.Invalid, err, "The request did not arrive in time. Send it again.")
	}
	return domain.WrapError(domain.Invalid, err, "The request broke off after %d of %d bytes. Send it again.", n, size)
}

package fiberx

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
)

var errPanicked = errors.New("fiberx: handler panicked, see the log line before")

// status is the one table from codes to HTTP.
var status = map[domain.Code]int{
	domain.Invalid:         fiber.StatusBadRequest,
	domain.Unauthenticated: fiber.StatusUnauthorized,
	domain.Forbidden:       fiber.StatusForbidden,
	domain.NotFound:        fiber.StatusNotFound,
	domain.Conflict:        fiber.StatusConflict,
	domain.TooLarge:        fiber.StatusRequestEntityTooLarge,
	domain.UnsupportedType: fiber.StatusUnsupportedMediaType,
	domain.Expired:         fiber.StatusGone,
	domain.Quota:           fiber.StatusTooManyRequests,
	domain.Unavailable:     fiber.StatusServiceUnavailable,
	domain.Internal:        fiber.StatusInternalServerError,
}

// StatusOf is the HTTP status that an error is answered with.
func StatusOf(err error) int {
	st, _ := explain(err)
	return st
}

// explain finds status, code and words for an error. Foreign errors and
// internal ones get our words instead of theirs. An error with a method
// HTTPStatus says its own status, where a protocol has one that codes have no
// word for.
func explain(err error) (int, *domain.Error) {
	var e *domain.Error
	var says interface{ HTTPStatus() int }
	if errors.As(err, &e) {
		if errors.As(err, &says) {
			return says.HTTPStatus(), e
		}
		var full *domain.OverQuota
		if errors.As(err, &full) { // waiting, as 429 asks for, does not mend it
			return fiber.StatusRequestEntityTooLarge, e
		}
		if e.Code == domain.Invalid && errors.Is(err, os.ErrDeadlineExceeded) {
			return fiber.StatusRequestTimeout, e
		}
		st, ok := status[e.Code]
		if ok && e.Code != domain.Internal {
			return st, e
		}
		return fiber.StatusInternalServerError, internal(err)
	}
	var f *fiber.Error
	switch {
	case errors.As(err, &f):
		return explainFiber(f)
	case errors.Is(err, context.DeadlineExceeded):
		return fiber.StatusServiceUnavailable, domain.WrapError(domain.Unavailable, err, "This took too long and was given up. Try again in a moment.")
	}
	return fiber.StatusInternalServerError, internal(err)
}

func internal(cause error) *domain.Error {
	return domain.WrapError(domain.Internal, cause, "Something went wrong on our side. Try again; if it stays, tell your admin the request id.")
}

// explainFiber has words for what Fiber and fasthttp refuse by themselves;
// their own texts quote the request and are not shown.
func explainFiber(f *fiber.Error) (int, *domain.Error) {
	switch f.Code {
	case fiber.StatusUnauthorized:
		return f.Code, domain.Errorf(domain.Unauthenticated, "Sign in first, or send a token.")
	case fiber.StatusForbidden:
		return f.Code, domain.Errorf(domain.Forbidden, "You may not do this. Ask an admin.")
	case fiber.StatusNotFound:
		return f.Code, domain.Errorf(domain.NotFound, "There is nothing at this address. Check the link.")
	case fiber.StatusNotImplemented:
		return fiber.StatusBadRequest, domain.Errorf(domain.Invalid, "There is no such method in HTTP as it is spoken here. Check the request.")
	case fiber.StatusMethodNotAllowed:
		return f.Code, domain.Errorf(domain.Invalid, "This address does not take that method. The Allow header says which it takes.")
	case fiber.StatusNotAcceptable:
		return f.Code, domain.Errorf(domain.Invalid, "This address answers with JSON. Accept application/json.")
	case fiber.StatusRequestTimeout:
		return f.Code, domain.Errorf(domain.Invalid, "The request did not arrive in time. Send it again.")
	case fiber.StatusRequestEntityTooLarge:
		return f.Code, domain.Errorf(domain.TooLarge, "That is more than this address takes. Send less.")
	case fiber.StatusUnsupportedMediaType:
		return f.Code, domain.Errorf(domain.UnsupportedType, "This address does not take that content type. Send another.")
	case fiber.StatusRequestedRangeNotSatisfiable:
		return f.Code, domain.Errorf(domain.Invalid, "The file has no such range. The Content-Range header says how long it is.")
	case fiber.StatusTooManyRequests:
		return f.Code, domain.Errorf(domain.Quota, "Too many requests. Wait a moment and try again.")
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return f.Code, domain.Errorf(domain.Invalid, "The request's header is larger than %s. Send fewer or shorter fields.", domain.FormatBytes(readBufferSize))
	case fiber.StatusServiceUnavailable:
		return f.Code, domain.Errorf(domain.Unavailable, "This part is down for the moment. Try again soon.")
	case fiber.StatusBadGateway: // Fiber's word for a connection that broke
		return fiber.StatusBadRequest, domain.Errorf(domain.Invalid, "The request broke off. Send it again.")
	}
	if f.Code >= fiber.StatusInternalServerError {
		return f.Code, internal(f)
	}
	return f.Code, domain.Errorf(domain.Invalid, "The request could not be read. Check it and send it again.")
}

// fail is Fiber's error handler. Handlers' errors are answered by serve; what
// comes here broke before a route ran, in fasthttp's parser.
func (s *server) fail(c *fiber.Ctx, err error) error {
	if requestOf(c) == nil {
		s.begin(c).unread = true
		defer s.logRequest(c, 0)
	}
	s.answer(c, err)
	keepPrivate(c)
	return nil
}

// answer turns an error into the response, and logs what is our fault.
func (s *server) answer(c *fiber.Ctx, err error) {
	st, e := explain(err)
	s.logFailure(c, st, err)
	c.Status(st)
	if wait := retryAfter(e, err); wait > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(seconds(wait)))
	}
	tus := isTus(c.Path())
	if st == fiber.StatusUnauthorized && (tus || wantsJSON(c)) {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="doorito"`)
	}
	if tus || wantsJSON(c) || s.RenderError == nil || !s.render(c, st, e) {
		s.plain(c, st, e, err)
	}
}

// render shows the page; false when it could not be made.
func (s *server) render(c *fiber.Ctx, st int, e *domain.Error) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			s.Logger.Error("error page panicked", "request_id", RequestID(c), "status", st)
			ok = false
		}
	}()
	if err := s.RenderError(c, st, e); err != nil {
		s.Logger.Error("error page failed", "request_id", RequestID(c), "status", st, "error", err.Error())
		return false
	}
	return true
}

// plain needs nothing that could fail.
func (s *server) plain(c *fiber.Ctx, st int, e *domain.Error, err error) {
	var typed Typed
	if errors.As(err, &typed) || wantsJSON(c) {
		writeProblem(c, st, e, err)
		return
	}
	c.Status(st).Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	c.Response().SetBodyString(e.Message + "\nRequest " + RequestID(c) + "\n")
}

func (s *server) logFailure(c *fiber.Ctx, st int, err error) {
	if st < fiber.StatusInternalServerError {
		return
	}
	say := s.Logger.Error
	if st == fiber.StatusServiceUnavailable {
		say = s.Logger.Warn
	}
	say("request failed", "request_id", RequestID(c), "method", c.Method(), "path", pathForLog(c), "status", st, "error", err.Error())
}

// seconds are whole ones, rounded up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// retryAfter is what the error's cause says (a method RetryAfter), else a
// moment that fits the code.
func retryAfter(e *domain.Error, err error) time.Duration {
	var says interface{ RetryAfter() time.Duration }
	var full *domain.OverQuota
	switch {
	case errors.As(err, &full):
		return 0
	case errors.As(err, &says):
		return says.RetryAfter()
	case e.Code == domain.Quota:
		return 30 * time.Second
	case e.Code == domain.Unavailable:
		return 5 * time.Second
	}
	return 0
}

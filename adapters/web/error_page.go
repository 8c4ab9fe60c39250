package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// ErrorPage is what templates/errors show.
type ErrorPage struct {
	Page
	Status  int
	Heading string
	Detail  string
	First   string // path of the page whose query was wrong
}

// headings of errors that have no drawing of their own.
var headings = map[int]string{
	http.StatusBadRequest:           "That does not open anything",
	http.StatusUnauthorized:         "The door is locked",
	http.StatusMethodNotAllowed:     "This door opens the other way",
	http.StatusRequestTimeout:       "That took too long to arrive",
	http.StatusConflict:             "Somebody was here before you",
	http.StatusGone:                 "There was something behind this door",
	http.StatusUnsupportedMediaType: "That kind is not let in",
	http.StatusTooManyRequests:      "One at a time",
	http.StatusServiceUnavailable:   "The door is closed for a moment",
}

// RenderError shows an error as a page; it is fiberx.Config.RenderError. It
// needs no use case, so that it works while the database is down.
func RenderError(c *fiber.Ctx, status int, e *domain.Error) error {
	p := ErrorPage{Page: bare(c), Status: status, Detail: e.Message, Heading: headings[status]}
	name := "errors/error"
	switch status {
	case http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge:
		name = "errors/" + strconv.Itoa(status)
	case http.StatusInternalServerError:
		name = "errors/500"
	default:
		if p.Heading == "" {
			p.Heading = http.StatusText(status)
		}
	}
	if status == http.StatusBadRequest && c.Method() == fiber.MethodGet && len(c.Request().URI().QueryString()) > 0 {
		p.First = listOf(c.Path())
	}
	p.Title = p.Heading
	if p.Title == "" {
		p.Title = http.StatusText(status)
	}
	c.Status(status).Set(fiber.HeaderCacheControl, "no-store")
	return c.Render(name, p, layoutPlain)
}

// listOf is a path that may be a list's; empty for others, such as exports.
func listOf(path string) string {
	if (strings.HasPrefix(path, "/app/") || strings.HasPrefix(path, "/admin/")) && strings.HasSuffix(path, "/") {
		return path
	}
	return ""
}

// bare is a page's frame without asking any use case.
func bare(c *fiber.Ctx) Page {
	p := Page{Theme: theme(c), RequestID: fiberx.RequestID(c)}
	if signed := fiberx.Signed(c); signed != nil {
		p.CSRF, p.User = fiberx.PageToken(c), userOf(signed.Actor)
	}
	return p
}

// messageOf is what an error says to people.
func messageOf(err error) string {
	var e *domain.Error
	if errors.As(err, &e) && e.Code != domain.Internal {
		return e.Message
	}
	return "Something went wrong on our side. Try again; if it stays, tell your admin the request id."
}

// fieldOf is the input an error is about.
func fieldOf(err error) string {
	var e *domain.Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}

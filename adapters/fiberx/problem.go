package fiberx

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/domain"
)

// problem is RFC 9457, section 3, with our code, field and request id.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	Field     string `json:"field,omitempty"`
	Instance  string `json:"instance"`
	RequestID string `json:"request_id"`
}

var titles = map[domain.Code]string{
	domain.Invalid:         "The request is not valid",
	domain.Unauthenticated: "Not signed in",
	domain.Forbidden:       "Not allowed",
	domain.NotFound:        "Not found",
	domain.Conflict:        "Conflict with the current state",
	domain.TooLarge:        "Too large",
	domain.UnsupportedType: "Type not allowed",
	domain.Expired:         "No longer there",
	domain.Quota:           "Too many or too much",
	domain.Unavailable:     "Not available for the moment",
	domain.Internal:        "Our fault",
}

// Typed is an error of a registered problem type (RFC 9457, section 4.2). It is
// always answered as problem JSON.
type Typed interface {
	error
	ProblemType() (uri, title string)
}

// Refusal is an error as a part of an answer about several things: the status
// and the problem JSON that it would have had alone, and after how many seconds
// it may be tried again, 0 when that is not known.
type Refusal struct {
	Status     int
	Problem    json.RawMessage
	RetryAfter int
}

// RefusalOf is what became of one of several things. What is our fault is
// logged, as when it is the whole answer.
func RefusalOf(c *fiber.Ctx, err error) Refusal {
	st, e := explain(err)
	requestOf(c).server.logFailure(c, st, err)
	return Refusal{st, problemOf(c, st, e, err), seconds(retryAfter(e, err))}
}

// writeProblem answers with problem JSON.
func writeProblem(c *fiber.Ctx, st int, e *domain.Error, err error) {
	c.Status(st).Set(fiber.HeaderContentType, "application/problem+json")
	c.Response().SetBody(problemOf(c, st, e, err))
}

// problemOf is problem JSON, of err's type when it has one. What the error's
// cause says beside it (a method ProblemMembers) are extension members (RFC
// 9457, section 3.2).
func problemOf(c *fiber.Ctx, st int, e *domain.Error, err error) []byte {
	p := problem{
		Type: "urn:doorito:problem:" + string(e.Code), Title: titles[e.Code], Status: st, Detail: e.Message,
		Code: string(e.Code), Field: e.Field, Instance: pathForLog(c), RequestID: RequestID(c),
	}
	var typed Typed
	if errors.As(err, &typed) {
		p.Type, p.Title = typed.ProblemType()
	}
	out := encoded(p)
	if more := membersOf(err); len(more) > 0 {
		out = append(append(out[:len(out)-1], ','), encoded(more)[1:]...)
	}
	return out
}

// membersOf are the extension members of err. A quota may be met at every door
// that takes bytes, so its numbers are told here for all of them.
func membersOf(err error) map[string]any {
	var says interface{ ProblemMembers() map[string]any }
	var full *domain.OverQuota
	switch {
	case errors.As(err, &says):
		return says.ProblemMembers()
	case errors.As(err, &full):
		return map[string]any{"limit": full.Limit, "used": full.Used, "size": full.Asked}
	}
	return nil
}

// encoded is a JSON object.
func encoded(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil { // strings and numbers always marshal
		return []byte("{}")
	}
	return out
}

// wantsJSON tells programs from people: the API by its paths, our scripts and
// htmx by their headers (static/app.js makes a toast of it). tus clients show
// an answer's text as it comes, so they get problem JSON only when they name it.
// What could not be parsed comes from a program, if it is no attack.
func wantsJSON(c *fiber.Ctx) bool {
	if r := requestOf(c); r != nil && r.unread {
		return true
	}
	p := strings.ToLower(c.Path())
	if strings.HasPrefix(p, "/api/") || isProbe(p) {
		return true
	}
	accept := c.Get(fiber.HeaderAccept)
	if strings.Contains(accept, "json") && !strings.Contains(accept, "text/html") {
		return true
	}
	return isHTMX(c) || utils.EqualFold(c.Get(fiber.HeaderXRequestedWith), "XMLHttpRequest")
}

// isHTMX tells whether a part of a page was asked for; a boosted link wants a
// whole one.
func isHTMX(c *fiber.Ctx) bool {
	return c.Get("HX-Request") == "true" && c.Get("HX-Boosted") != "true"
}

package fiberx

import (
	"github.com/gofiber/fiber/v2"

	"doorito/domain"
	"doorito/ports/usecase"
)

type requestKey struct{}

// request is what the steps around a handler know of one request.
type request struct {
	server *server
	id     string
	ip     string
	actor  domain.Actor
	signed *usecase.SignedIn
	body   *body // set by Body
	unread bool  // its header could not be parsed: who asks, and for what, is not known
}

// requestOf returns the state that serve made; nil outside of New's apps and
// for requests whose header could not be parsed.
func requestOf(c *fiber.Ctx) *request {
	r, _ := c.Locals(requestKey{}).(*request)
	return r
}

// RequestID of this request, as in the log and the X-Request-Id header.
func RequestID(c *fiber.Ctx) string {
	if r := requestOf(c); r != nil {
		return r.id
	}
	return ""
}

// Actor is who asks; the zero Actor for nobody.
func Actor(c *fiber.Ctx) domain.Actor {
	if r := requestOf(c); r != nil {
		return r.actor
	}
	return domain.Actor{}
}

// Signed is the browser session; nil for a token and for nobody.
func Signed(c *fiber.Ctx) *usecase.SignedIn {
	if r := requestOf(c); r != nil {
		return r.signed
	}
	return nil
}

// ClientIP is the address of the client, as the trusted proxies tell it.
func ClientIP(c *fiber.Ctx) string {
	if r := requestOf(c); r != nil {
		return r.ip
	}
	return ""
}

package api

import "github.com/gofiber/fiber/v2"

// answersJSON refuses a client that takes no JSON: 406.
func answersJSON(c *fiber.Ctx) error {
	if c.Get(fiber.HeaderAccept) != "" && c.Accepts(fiber.MIMEApplicationJSON, "application/problem+json") == "" {
		return fiber.NewError(fiber.StatusNotAcceptable)
	}
	return c.Next()
}

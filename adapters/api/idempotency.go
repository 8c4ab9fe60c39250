package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
)

// idempotencyKey of draft-ietf-httpapi-idempotency-key-header, taken as it
// comes; the use case says what it may be.
func idempotencyKey(c *fiber.Ctx) string {
	return utils.CopyString(c.Get("Idempotency-Key"))
}

// created answers 201 for a thing that was made and 200, with a header that
// says so, for one that an earlier request with the same key made. What has no
// address of its own has location "".
func created(c *fiber.Ctx, location string, replayed bool) {
	if location != "" {
		c.Location(location)
	}
	if replayed {
		c.Set("Idempotent-Replayed", "true")
		return
	}
	c.Status(fiber.StatusCreated)
}

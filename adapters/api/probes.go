package api

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// readyTimeout bounds how long the parts may take to answer /readyz.
const readyTimeout = 5 * time.Second

// healthz says that the process runs.
func (h *handlers) healthz(c *fiber.Ctx) error {
	return c.JSON(fiber.Map{"status": "ok"})
}

// readyz says for each part whether it answers; 503 when one does not. Why not
// is in the log: the reason may name hosts and users.
func (h *handlers) readyz(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), readyTimeout)
	defer cancel()
	state, checks := "ok", map[string]string{}
	for part, err := range h.Ready(ctx) {
		checks[part] = "ok"
		if err != nil {
			state, checks[part] = "unavailable", "down"
			h.Logger.Warn("part is not ready", "request_id", fiberx.RequestID(c), "part", part, "error", err.Error())
		}
	}
	if state != "ok" {
		c.Status(fiber.StatusServiceUnavailable)
	}
	return c.JSON(fiber.Map{"status": state, "checks": checks})
}

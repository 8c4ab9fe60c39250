package api

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/ports"
)

// backlogJSON is what waits for one endpoint. More: the count stopped at a bound.
type backlogJSON struct {
	EndpointID   uuid.UUID `json:"endpoint_id"`
	EndpointName string    `json:"endpoint_name"`
	Active       bool      `json:"active"`
	Pending      int       `json:"pending"`
	More         bool      `json:"more"`
	Oldest       time.Time `json:"oldest_at"`
	Next         time.Time `json:"next_attempt_at"`
}

// stuck answers with what waits for longest, and where most waits.
func (h *handlers) stuck(c *fiber.Ctx) error {
	s, err := h.Deliveries.Stuck(c.UserContext(), fiberx.Actor(c))
	if err != nil {
		return err
	}
	backlogs, oldest := make([]backlogJSON, len(s.Backlogs)), make([]deliveryFullJSON, len(s.Oldest))
	for i, b := range s.Backlogs {
		backlogs[i] = backlogJSON{b.EndpointID, b.Name, b.Active, b.Pending, b.Pending >= ports.CountCap, b.Oldest.UTC(), b.Next.UTC()}
	}
	for i, d := range s.Oldest {
		oldest[i] = newDeliveryFullJSON(d)
	}
	return c.JSON(fiber.Map{"backlogs": backlogs, "oldest": oldest})
}

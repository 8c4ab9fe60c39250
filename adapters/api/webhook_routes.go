package api

import "github.com/gofiber/fiber/v2"

// webhookRoutes are for admins: endpoints, what is owed to them, and events.
func (h *handlers) webhookRoutes() []route {
	return []route{
		{fiber.MethodGet, "/endpoints", h.endpointList},
		{fiber.MethodPost, "/endpoints", h.endpointCreate},
		{fiber.MethodPost, "/endpoints/preview", h.endpointPreview},
		{fiber.MethodGet, "/endpoints/:id", h.endpointShow},
		{fiber.MethodPatch, "/endpoints/:id", h.endpointUpdate},
		{fiber.MethodDelete, "/endpoints/:id", h.endpointDelete},
		{fiber.MethodPost, "/endpoints/:id/enable", bare(h.endpointSwitch(true))},
		{fiber.MethodPost, "/endpoints/:id/disable", bare(h.endpointSwitch(false))},
		{fiber.MethodPost, "/endpoints/:id/test", bare(h.endpointTest)},
		{fiber.MethodPost, "/endpoints/:id/sample", h.endpointSample},
		{fiber.MethodPost, "/endpoints/:id/secrets", h.secretRotate},
		{fiber.MethodDelete, "/endpoints/:id/secrets/:secret", h.secretRetire},
		{fiber.MethodPut, "/endpoints/:id/certificate", h.certificateSet},
		{fiber.MethodDelete, "/endpoints/:id/certificate", h.certificateRemove},
		{fiber.MethodPost, "/endpoints/:id/retry", bare(h.endpointRetry)},
		{fiber.MethodPost, "/endpoints/:id/catch-up", bare(h.endpointCatchUp)},
		{fiber.MethodPost, "/endpoints/:id/replays", h.replayStart},
		{fiber.MethodGet, "/replays", h.replayList},
		{fiber.MethodGet, "/replays/:id", h.replayShow},
		{fiber.MethodPost, "/replays/:id/cancel", bare(h.replayCancel)},
		{fiber.MethodGet, "/stuck", h.stuck},
		{fiber.MethodGet, "/deliveries", h.deliveryList},
		{fiber.MethodGet, "/deliveries/:id", h.deliveryShow},
		{fiber.MethodPost, "/deliveries/:id/resend", bare(h.deliveryResend)},
		{fiber.MethodPost, "/deliveries/:id/cancel", bare(h.deliveryCancel)},
		{fiber.MethodGet, "/events", h.eventList},
		{fiber.MethodGet, "/events/:id", h.eventShow},
		{fiber.MethodPost, "/events/:id/retry", bare(h.eventRetry)},
	}
}

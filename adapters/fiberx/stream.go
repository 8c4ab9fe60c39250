package fiberx

import (
	"io"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
)

// SendStream answers 200 with what src says until its end, as an attachment
// under a name. It is for what is made while it is sent: nobody knows its
// length beforehand, and src is read no faster than the client takes it. An
// error of src cuts the connection, so that nobody takes a part for the whole.
// src is closed after the last read, or when the client goes away.
func SendStream(c *fiber.Ctx, name, contentType string, src io.ReadCloser) error {
	c.Set(fiber.HeaderContentDisposition, domain.Attachment(name))
	c.Set(fiber.HeaderContentType, contentType)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, downloadPolicy)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Context().SetBodyStream(&sender{
		src: src, cancel: func() {}, left: unknownLength,
		idle: requestOf(c).server.IdleTimeout, arm: c.Context().SetWriteDeadline,
	}, -1)
	return nil
}

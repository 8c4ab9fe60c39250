package fiberx

import (
	"context"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
	"doorito/ports/usecase"
)

// SendStream answers 200 with what src says until its end, as an attachment
// under a name. It is for what is made while it is sent: nobody knows its
// length beforehand, and src is read no faster than the client takes it. An
// error of src cuts the connection, so that nobody takes a part for the whole.
// src is closed after the last read, or when the client goes away.
func SendStream(c *fiber.Ctx, name, contentType string, src io.ReadCloser) error {
	return sendMade(c, name, contentType, unknownLength, src)
}

// SendArchive is SendStream for an archive, whose length is known. Open is not
// called for HEAD.
func SendArchive(c *fiber.Ctx, a *usecase.Archive) error {
	if c.Method() == fiber.MethodHead {
		err := sendMade(c, a.Name, zipType, a.Size, io.NopCloser(strings.NewReader("")))
		c.Response().SkipBody = true
		return err
	}
	return sendMade(c, a.Name, zipType, a.Size, a.Open(context.WithoutCancel(c.UserContext())))
}

const zipType = "application/zip"

func sendMade(c *fiber.Ctx, name, contentType string, size int64, src io.ReadCloser) error {
	c.Set(fiber.HeaderContentDisposition, domain.Attachment(name))
	c.Set(fiber.HeaderContentType, contentType)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, downloadPolicy)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Context().SetBodyStream(&sender{
		src: src, cancel: func() {}, left: size,
		idle: requestOf(c).server.IdleTimeout, arm: c.Context().SetWriteDeadline,
	}, int(size))
	return nil
}

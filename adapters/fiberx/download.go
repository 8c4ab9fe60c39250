package fiberx

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
	"doorito/ports/usecase"
)

// downloadPolicy keeps a browser that shows the file after all from running
// anything in it.
const downloadPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'"

// SendDownload answers with the file, whole or one range of it, as an
// attachment that no browser renders; or redirects to where it is. HEAD gets
// the header of the whole file from here, since a URL that was signed for GET
// answers nothing else. The bytes are streamed after the handler returned.
func SendDownload(c *fiber.Ctx, d *usecase.Download) error {
	f := d.File
	head := c.Method() == fiber.MethodHead
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	if d.URL != "" && !head {
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.Redirect(d.URL, fiber.StatusFound)
	}
	if notModified(c, f) {
		setValidators(c, f)
		c.Status(fiber.StatusNotModified)
		return nil
	}
	part, how := byteRange{length: f.SizeBytes}, rangeNone
	if h := c.Get(fiber.HeaderRange); h != "" && rangeApplies(c, f) {
		var asked byteRange
		if asked, how = parseRange(h, f.SizeBytes); how == rangePart {
			part = asked
		}
	}
	if how == rangeUnsatisfiable {
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes */%d", f.SizeBytes))
		return fiber.NewError(fiber.StatusRequestedRangeNotSatisfiable)
	}
	if !head && part.length > 0 {
		if err := stream(c, d, part); err != nil {
			return err
		}
	}
	setFileHeaders(c, f)
	if how == rangePart {
		c.Status(fiber.StatusPartialContent)
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", part.offset, part.offset+part.length-1, f.SizeBytes))
	}
	if head {
		c.Response().SkipBody = true
		c.Response().Header.SetContentLength(int(part.length))
	}
	return nil
}

// stream hands the file's bytes to fasthttp, which closes them when they were
// sent or the client went away.
func stream(c *fiber.Ctx, d *usecase.Download, part byteRange) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.UserContext()))
	r, err := d.Open(ctx, part.offset, part.length)
	if err != nil {
		cancel()
		return err
	}
	c.Context().SetBodyStream(&sender{
		src: r, cancel: cancel, left: part.length,
		idle: requestOf(c).server.IdleTimeout, arm: c.Context().SetWriteDeadline,
	}, int(part.length))
	return nil
}

func setFileHeaders(c *fiber.Ctx, f *domain.File) {
	c.Set(fiber.HeaderContentDisposition, domain.Attachment(f.OriginalFilename))
	c.Set(fiber.HeaderContentType, contentType(f.ContentType))
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, downloadPolicy)
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	setValidators(c, f)
}

// setValidators lets a client keep its copy and ask whether it is still good.
func setValidators(c *fiber.Ctx, f *domain.File) {
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	if f.SHA256 != "" {
		c.Set(fiber.HeaderETag, etag(f))
	}
	if f.StoredAt != nil {
		c.Set(fiber.HeaderLastModified, f.StoredAt.UTC().Format(http.TimeFormat))
	}
}

// contentType lets only what is a media type into the header.
func contentType(s string) string {
	if _, _, err := mime.ParseMediaType(s); err != nil || strings.ContainsAny(s, "\r\n\x00") {
		return fiber.MIMEOctetStream
	}
	return s
}

func etag(f *domain.File) string { return `"` + f.SHA256 + `"` }

// notModified is If-None-Match (RFC 9110, section 13.1.2).
func notModified(c *fiber.Ctx, f *domain.File) bool {
	h := c.Get(fiber.HeaderIfNoneMatch)
	if h == "" || f.SHA256 == "" {
		return false
	}
	for tag := range strings.SplitSeq(h, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || tag == etag(f) {
			return true
		}
	}
	return false
}

// rangeApplies is If-Range (RFC 9110, section 13.1.5): the range is for the
// file that the client already has a part of.
func rangeApplies(c *fiber.Ctx, f *domain.File) bool {
	h := c.Get(fiber.HeaderIfRange)
	if h == "" {
		return true
	}
	if strings.HasPrefix(h, `"`) || strings.HasPrefix(h, "W/") {
		return f.SHA256 != "" && h == etag(f)
	}
	at, err := http.ParseTime(h)
	return err == nil && f.StoredAt != nil && f.StoredAt.UTC().Truncate(time.Second).Equal(at)
}

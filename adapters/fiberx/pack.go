package fiberx

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	packFrom  = 1 << 10 // bytes; less fits into a packet anyway
	packLevel = 5       // of gzip: a page of 50 KB takes under a millisecond
)

// packPage compresses a page that is whole in memory, and nothing else: files
// and archives are sent as they are. What is secret in a page must not look the
// same twice, see PageToken.
func packPage(c *fiber.Ctx) {
	res := c.Response()
	if res.IsBodyStream() || len(res.Body()) < packFrom || !bytes.HasPrefix(res.Header.ContentType(), []byte(fiber.MIMETextHTML)) || len(res.Header.ContentEncoding()) > 0 {
		return
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	if !AcceptsGzip(c.Get(fiber.HeaderAcceptEncoding)) {
		return
	}
	res.SetBodyRaw(fasthttp.AppendGzipBytesLevel(nil, res.Body(), packLevel))
	res.Header.SetContentEncoding("gzip")
}

// AcceptsGzip reads an Accept-Encoding header (RFC 9110, section 12.5.3).
func AcceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.ReplaceAll(q, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

package tus

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// anyOrigin in the settings allows every origin.
const anyOrigin = "*"

const (
	corsMethods = "OPTIONS, POST, HEAD, PATCH, DELETE"
	corsRequest = "Authorization, Content-Digest, Content-Disposition, Content-Type, Idempotency-Key, Repr-Digest, Tus-Resumable, Upload-Checksum, " +
		"Upload-Complete, Upload-Concat, Upload-Defer-Length, Upload-Draft-Interop-Version, Upload-Incomplete, Upload-Length, Upload-Metadata, " +
		"Upload-Offset, Want-Repr-Digest, X-HTTP-Method-Override, X-Request-ID, X-Requested-With"
	corsExpose = "Accept-Patch, Idempotent-Replayed, Location, Repr-Digest, Retry-After, Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, " +
		"Tus-Resumable, Tus-Version, Upload-Complete, Upload-Concat, Upload-Defer-Length, Upload-Draft-Interop-Version, Upload-Expires, " +
		"Upload-Incomplete, Upload-Length, Upload-Limit, Upload-Metadata, Upload-Offset, X-File-Id, X-File-Sha256, X-Request-Id"
	corsMaxAge = "86400" // seconds that a browser may remember a preflight
)

// Headers returns what sets the headers of every answer under /files: the
// version ("Tus-Resumable") and, for the configured origins, CORS. The browser's
// own credentials are never allowed across origins (there is no
// Access-Control-Allow-Credentials), so `*` gives nothing away: a page of
// another origin must hold a token.
func Headers(origins []string) func(c *fiber.Ctx) {
	var known []string
	for _, o := range origins {
		known = append(known, strings.ToLower(strings.TrimRight(strings.TrimSpace(o), "/")))
	}
	all := slices.Contains(known, anyOrigin)
	return func(c *fiber.Ctx) {
		if !underFiles(c.Path()) {
			return
		}
		c.Set(hResumable, version)
		origin := c.Get(fiber.HeaderOrigin)
		switch {
		case len(known) == 0:
			return
		case all:
			c.Set(fiber.HeaderAccessControlAllowOrigin, anyOrigin)
		default:
			c.Vary(fiber.HeaderOrigin)
			if origin == "" || !slices.Contains(known, strings.ToLower(origin)) {
				return
			}
			c.Set(fiber.HeaderAccessControlAllowOrigin, strings.Clone(origin))
		}
		c.Set(fiber.HeaderAccessControlExposeHeaders, corsExpose)
	}
}

// preflight adds what a browser asks before the real request (Fetch, "CORS
// protocol"), for origins that Headers let through.
func preflight(c *fiber.Ctx) {
	if len(c.Response().Header.Peek(fiber.HeaderAccessControlAllowOrigin)) == 0 {
		return
	}
	c.Set(fiber.HeaderAccessControlAllowMethods, corsMethods)
	c.Set(fiber.HeaderAccessControlAllowHeaders, corsRequest)
	c.Set(fiber.HeaderAccessControlMaxAge, corsMaxAge)
}

// underFiles tells our addresses, in any case, as Fiber matches them.
func underFiles(path string) bool {
	path = strings.ToLower(path)
	return strings.HasPrefix(path, creationPath) || path+"/" == creationPath
}

package tus

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// version of the protocol, the only one.
const version = "1.0.0"

// extensions as Tus-Extension lists them.
const extensions = "creation,creation-with-upload,creation-defer-length,expiration,checksum,checksum-trailer,termination,concatenation"

// creationPath is where uploads are made; an upload's own is below it.
const creationPath = "/files/"

// offsetType is the only type of a body with an upload's bytes.
const offsetType = "application/offset+octet-stream"

// Names of headers.
const (
	hResumable   = "Tus-Resumable"
	hVersion     = "Tus-Version"
	hExtension   = "Tus-Extension"
	hMaxSize     = "Tus-Max-Size"
	hAlgorithms  = "Tus-Checksum-Algorithm"
	hOffset      = "Upload-Offset"
	hLength      = "Upload-Length"
	hDeferLength = "Upload-Defer-Length"
	hMetadata    = "Upload-Metadata"
	hExpires     = "Upload-Expires"
	hConcat      = "Upload-Concat"
	hChecksum    = "Upload-Checksum"
)

// Deps is what Register needs.
type Deps struct {
	Sessions usecase.Sessions
	Together usecase.Together // for bundles
	Files    Deleter          // for the termination of a completed upload
	Clock    ports.Clock
	// MaxSize is the most bytes of one upload; 0: not known, the use case
	// decides.
	MaxSize int64
	// CORSOrigins are the origins whose pages may upload, as
	// "https://app.example.com"; "*" is every one. Pages of other origins need a
	// token: credentials of the browser are never allowed there.
	CORSOrigins []string
}

// Deleter is the part of usecase.Files that termination needs.
type Deleter interface {
	Delete(ctx context.Context, a domain.Actor, ids []uuid.UUID) (deleted int, err error)
}

type handlers struct{ Deps }

// Register adds the routes to an app made by fiberx.New. Give the app Headers
// of the same origins too, so that what fiberx refuses before a route runs
// carries them.
func Register(app *fiber.App, d Deps) {
	h := &handlers{Deps: d}
	headers := Headers(d.CORSOrigins)
	before := func(c *fiber.Ctx) error {
		headers(c)
		return c.Next()
	}
	const upload = creationPath + ":id"
	app.Options(creationPath, before, h.options)
	app.Options(bundlePath, before, h.options)
	app.Options(upload, before, h.options)
	app.Post(creationPath, before, h.enter, fiberx.Upload(either(h.create, h.createDraft)))
	app.Post(bundlePath, before, h.enter, fiberx.Upload(h.bundle))
	app.Head(upload, before, h.enter, either(h.head, h.headDraft))
	app.Patch(upload, before, h.enter, fiberx.Upload(either(h.patch, h.patchDraft)))
	app.Delete(upload, before, h.enter, either(h.terminate, h.terminateDraft))
}

// enter lets known actors through who speak a version of tus or of the draft.
func (h *handlers) enter(c *fiber.Ctx) error {
	if !fiberx.Actor(c).IsKnown() {
		return domain.Errorf(domain.Unauthenticated, "Sign in first, or send a token.")
	}
	if c.Method() != fiber.MethodHead {
		// Not fiberx.CSRF: that would leave a multipart form's token to a
		// handler, and nothing here takes forms.
		if err := fiberx.CheckCSRF(c, c.Get("X-CSRF-Token")); err != nil {
			return err
		}
	}
	if d, ok := h.detect(c); ok {
		c.Locals(dialectKey{}, d)
		c.Response().Header.Del(hResumable)
		if d.named {
			c.Set(hInterop, d.String())
		}
		return c.Next()
	}
	if c.Get(hResumable) != version {
		c.Set(hVersion, version)
		return refuse(fiber.StatusPreconditionFailed, domain.Invalid, hResumable, "This server speaks tus %s. Send Tus-Resumable: %s.", version, version)
	}
	return c.Next()
}

// options tells what the server can do ("OPTIONS"); any Tus-Resumable is
// ignored. It answers preflights as well.
func (h *handlers) options(c *fiber.Ctx) error {
	c.Set(hVersion, version)
	c.Set(hExtension, extensions)
	c.Set(hAlgorithms, algorithmNames)
	if h.MaxSize > 0 {
		c.Set(hMaxSize, utils.ToString(h.MaxSize))
	}
	c.Set(hAcceptPatch, partialType+", "+offsetType)
	c.Set(hLimit, h.limits(dialect{version: newestInterop}, nil))
	allow := "OPTIONS, POST"
	if c.Params("id") != "" {
		allow = "OPTIONS, HEAD, PATCH, DELETE"
	}
	c.Set(fiber.HeaderAllow, allow)
	preflight(c)
	c.Status(fiber.StatusNoContent)
	return nil
}

// idOf reads the upload's id from the path.
func idOf(c *fiber.Ctx) (uuid.UUID, error) {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return id, domain.Errorf(domain.NotFound, "There is no upload at this address. Start a new one.")
	}
	return id, nil
}

// isOffsetType reads Content-Type, whose parameters mean nothing here.
func isOffsetType(c *fiber.Ctx) bool {
	kind, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
	return utils.EqualFold(strings.TrimSpace(kind), offsetType)
}

func wrongType() error {
	return domain.Errorf(domain.UnsupportedType, "An upload's bytes come as %s. Send that Content-Type.", offsetType)
}

package tus

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// Interop versions of the draft "Resumable Uploads for HTTP" that are spoken:
// 3 is drafts -00 and -01, 4 is -02, 5 is -03, 6 is -04 and -05, 7 is -06 to
// -08, 8 is -09 to -12.
const (
	oldestInterop = 3
	newestInterop = 8
)

// partialType is the type of a body that continues an upload, from 6 on.
const partialType = "application/partial-upload"

// Names of the draft's headers. It shares Upload-Offset and Upload-Length with
// tus.
const (
	hInterop     = "Upload-Draft-Interop-Version"
	hComplete    = "Upload-Complete"
	hIncomplete  = "Upload-Incomplete"
	hLimit       = "Upload-Limit"
	hAcceptPatch = "Accept-Patch"
)

// statusResumable is 104, "Upload Resumption Supported".
const statusResumable = 104

// dialect is what a client of the draft speaks.
type dialect struct {
	version int
	// named: the client said which. Only then it hears of 104 and of the version
	// ("Draft Version Identification"); a client of the finished standard names
	// none.
	named bool
}

type dialectKey struct{}

// dialectOf is what enter found; ok is false for tus.
func dialectOf(c *fiber.Ctx) (d dialect, ok bool) {
	d, ok = c.Locals(dialectKey{}).(dialect)
	return d, ok
}

// either picks the handler for the protocol that the client speaks.
func either(tus fiber.Handler, draft func(*fiber.Ctx, dialect) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if d, ok := dialectOf(c); ok {
			return draft(c, d)
		}
		return tus(c)
	}
}

// detect tells the draft's requests from those of tus. Tus-Resumable decides
// for tus: some systems add the draft's headers to every upload, that of a tus
// client too. HEAD and DELETE of the finished standard bear no mark, so there
// the upload itself tells how it was made.
func (h *handlers) detect(c *fiber.Ctx) (dialect, bool) {
	if c.Get(hResumable) != "" {
		return dialect{}, false
	}
	if n, ok := integerItem(c, hInterop); ok && n >= oldestInterop && n <= newestInterop {
		return dialect{version: int(n), named: true}, true
	}
	newest := dialect{version: newestInterop}
	kind, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
	if c.Get(hInterop) != "" || c.Get(hComplete) != "" || utils.EqualFold(strings.TrimSpace(kind), partialType) {
		return newest, true
	}
	if c.Method() != fiber.MethodHead && c.Method() != fiber.MethodDelete {
		return dialect{}, false
	}
	id, err := idOf(c)
	if err != nil {
		return dialect{}, false
	}
	found, err := h.Sessions.Find(c.UserContext(), fiberx.Actor(c), id)
	return newest, err == nil && found.Session.Metadata[hInterop] != ""
}

// String is the version as the header has it.
func (d dialect) String() string { return strconv.Itoa(d.version) }

// completeness reads whether the body is the upload's last one; nil when the
// client does not say.
func (d dialect) completeness(c *fiber.Ctx) *bool {
	if d.version == 3 {
		v, ok := booleanItem(c, hIncomplete)
		if !ok {
			return nil
		}
		v = !v
		return &v
	}
	if v, ok := booleanItem(c, hComplete); ok {
		return &v
	}
	return nil
}

// completenessName is the header that says it.
func (d dialect) completenessName() string {
	if d.version == 3 {
		return hIncomplete
	}
	return hComplete
}

func (d dialect) setComplete(c *fiber.Ctx, complete bool) {
	text := "?0"
	if complete != (d.version == 3) {
		text = "?1"
	}
	c.Set(d.completenessName(), text)
}

// limits is the Upload-Limit of an upload, or of a creation (nil); "" before
// version 6, which had none.
func (h *handlers) limits(d dialect, s *domain.UploadSession) string {
	if d.version < 6 {
		return ""
	}
	limit := "min-size=0"
	if h.MaxSize > 0 {
		limit = "max-size=" + strconv.FormatInt(h.MaxSize, 10)
	}
	if s == nil || !isOpen(s) {
		return limit
	}
	key := "max-age"
	if d.version == 6 {
		key = "expires"
	}
	left := max(int64(s.ExpiresAt.Sub(h.Clock.Now()).Seconds()), 0)
	return limit + ", " + key + "=" + strconv.FormatInt(left, 10)
}

func (h *handlers) setLimits(c *fiber.Ctx, d dialect, s *domain.UploadSession) {
	if text := h.limits(d, s); text != "" {
		c.Set(hLimit, text)
	}
}

func isOpen(s *domain.UploadSession) bool {
	return s.Status == domain.SessionInit || s.Status == domain.SessionInProgress
}

// isDone tells that the client has said of the upload's last byte that it is
// the last, and that it is durable.
func isDone(s *domain.UploadSession) bool {
	return s.Status == domain.SessionCompleting || s.Status == domain.SessionComplete
}

// refused is an error as the dialect wants it answered: up to version 6 an
// upload that is over is not there (404).
func (d dialect) refused(err error) error {
	if d.version <= 6 && domain.IsCode(err, domain.Expired) {
		return refusal{asError(err), fiber.StatusNotFound}
	}
	return err
}

// onlyAddressed refuses fields that a HEAD or DELETE must not have up to
// version 6 ("Offset Retrieval", "Upload Cancellation").
func (d dialect) onlyAddressed(c *fiber.Ctx, names ...string) error {
	if d.version > 6 {
		return nil
	}
	for _, name := range names {
		if len(c.Request().Header.PeekAll(name)) > 0 {
			return domain.FieldErrorf(name, "%s does not belong in this request. Leave it out.", name)
		}
	}
	return nil
}

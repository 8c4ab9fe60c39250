package tus

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
)

// one reads a header that may come once; "" when it is not there. The result
// shares no memory with the request.
func one(c *fiber.Ctx, name string) (string, error) {
	all := c.Request().Header.PeekAll(name)
	switch len(all) {
	case 0:
		return "", nil
	case 1:
		return string(all[0]), nil
	}
	return "", domain.FieldErrorf(name, "%s came %d times. Send it once.", name, len(all))
}

// count reads a header with a non-negative integer; nil when it is not there.
func count(c *fiber.Ctx, name string) (*int64, error) {
	text, err := one(c, name)
	if err != nil || text == "" {
		return nil, err
	}
	n, ok := parseCount(text)
	if !ok {
		return nil, domain.FieldErrorf(name, "%s is a number of bytes, 0 or more, in digits. Send that.", name)
	}
	return &n, nil
}

// parseCount takes digits alone. A number that no int64 holds is the largest
// one: it is over every limit and beside every offset.
func parseCount(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return math.MaxInt64, true
	}
	return n, true
}

func setCount(c *fiber.Ctx, name string, n int64) {
	c.Set(name, strconv.FormatInt(n, 10))
}

// setExpires tells when an unfinished upload ends (RFC 7231, section 7.1.1.1);
// a finished one does not expire as an upload.
func setExpires(c *fiber.Ctx, s *domain.UploadSession) {
	if s.Status == domain.SessionInit || s.Status == domain.SessionInProgress {
		c.Set(hExpires, s.ExpiresAt.UTC().Format(http.TimeFormat))
	}
}

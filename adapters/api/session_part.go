package api

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// sessionPart takes the body as one part of an upload. The same part again is
// success, other content 409.
func (h *handlers) sessionPart(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	in, err := readPart(c)
	if err != nil {
		return err
	}
	p, err := h.Sessions.PutPart(c.UserContext(), fiberx.Actor(c), id, in)
	var e *domain.Error
	if in.SHA256 != nil && errors.As(err, &e) && e.Field == "checksum" {
		out := *e
		out.Field = digestHeader(c)
		return withMembers{&out, membersOf(err)}
	}
	if err != nil {
		return err
	}
	return c.JSON(newPartJSON(p))
}

func readPart(c *fiber.Ctx) (in usecase.PartInput, err error) {
	if strings.HasPrefix(strings.ToLower(c.Get(fiber.HeaderContentType)), fiber.MIMEMultipartForm) {
		return in, domain.Errorf(domain.UnsupportedType, "This address takes the part itself as the body, not a form. With curl, use --data-binary or -T instead of -F.")
	}
	if in.Number, err = parsePartNumber(c.Params("number")); err != nil {
		return in, err
	}
	if in.Place, err = readPlace(c); err != nil {
		return in, err
	}
	if in.SHA256, err = readDigest(c); err != nil {
		return in, err
	}
	in.Body, in.Size = fiberx.Body(c)
	return in, nil
}

// parsePartNumber takes a number as it is written: digits, from 1 on.
func parsePartNumber(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > domain.MaxParts || strconv.Itoa(n) != s {
		return 0, domain.FieldErrorf("part_number", "A part's number is a whole number from 1 to %d, not %.24q.", domain.MaxParts, s)
	}
	return n, nil
}

// readPlace reads Content-Range; nil when it is not there.
func readPlace(c *fiber.Ctx) (*domain.PartPlace, error) {
	text, err := once(c, fiber.HeaderContentRange)
	if err != nil || text == "" {
		return nil, err
	}
	return parsePlace(text)
}

// parsePlace reads a range of bytes (RFC 9110, section 14.4): the unit, a
// space, first-last, a slash, and the whole length or an asterisk.
func parsePlace(text string) (*domain.PartPlace, error) {
	wrong := domain.FieldErrorf(fiber.HeaderContentRange, "Content-Range is like bytes 0-8388607/20000000, not %.64q. Send that, or leave it out.", text)
	unit, rest, _ := strings.Cut(text, " ")
	span, total, found := strings.Cut(rest, "/")
	first, last, dash := strings.Cut(span, "-")
	if !strings.EqualFold(unit, "bytes") || !found || !dash {
		return nil, wrong
	}
	at := &domain.PartPlace{Total: -1}
	var err error
	if at.First, err = parseBytes(first); err != nil {
		return nil, wrong
	}
	if at.Last, err = parseBytes(last); err != nil || at.Last < at.First {
		return nil, wrong
	}
	if total != "*" {
		if at.Total, err = parseBytes(total); err != nil || at.Total <= at.Last {
			return nil, wrong
		}
	}
	return at, nil
}

// parseBytes takes digits alone.
func parseBytes(s string) (int64, error) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseInt(s, 10, 64)
}

// once reads a header that may come once; "" when it is not there. The result
// shares no memory with the request.
func once(c *fiber.Ctx, name string) (string, error) {
	all := c.Request().Header.PeekAll(name)
	switch len(all) {
	case 0:
		return "", nil
	case 1:
		return string(all[0]), nil
	}
	return "", domain.FieldErrorf(name, "%s came %d times. Send it once.", name, len(all))
}

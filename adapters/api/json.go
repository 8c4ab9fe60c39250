package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"reflect"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
)

// readJSON reads the body, an object, into out; an empty body leaves out as it
// is. A key that out does not have is Invalid, so that a typing error is told.
func readJSON(c *fiber.Ctx, out any) error {
	body := c.Request().Body()
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType)); err != nil || kind != fiber.MIMEApplicationJSON {
		return domain.Errorf(domain.UnsupportedType, "This address takes JSON. Send it with Content-Type: application/json.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(out)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return nil
		}
		return domain.FieldErrorf("body", "There is something after the JSON object. Send one object.")
	}
	return explainJSON(err, len(body))
}

// bare is for what takes no body but an empty object.
func bare(next fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		var nothing struct{}
		if err := readJSON(c, &nothing); err != nil {
			return err
		}
		return next(c)
	}
}

// explainJSON says what is wrong and where; Go's own words speak of Go.
func explainJSON(err error, size int) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); {
	case unknown:
		if field, err := strconv.Unquote(name); err == nil {
			name = field
		}
		return domain.FieldErrorf(name, "There is no field %q here. Check its name.", name)
	case errors.As(err, &wrong) && wrong.Field == "":
		return domain.FieldErrorf("body", "The body is a JSON object, not %s.", kindOf(wrong.Value))
	case errors.As(err, &wrong):
		return domain.FieldErrorf(wrong.Field, "%q is %s, not %s (at byte %d).", wrong.Field, wordFor(wrong.Type), kindOf(wrong.Value), wrong.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return domain.FieldErrorf("body", "The JSON ends in the middle, at byte %d.", size)
	case errors.As(err, &syntax):
		return domain.FieldErrorf("body", "The JSON is broken at byte %d: %s.", syntax.Offset, syntax)
	}
	return domain.FieldErrorf("body", "The JSON could not be read: %s.", err)
}

// wordFor says what a field takes.
func wordFor(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "a whole number up to " + strconv.Itoa(math.MaxInt64)
	case reflect.Bool:
		return "true or false"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Slice:
		return "a list"
	}
	return "a text"
}

// kindOf says "a number" for "number", and "5" for "number 5".
func kindOf(value string) string {
	kind, literal, _ := strings.Cut(value, " ")
	if literal != "" {
		return literal
	}
	if strings.HasPrefix(kind, "a") || strings.HasPrefix(kind, "o") {
		return "an " + kind
	}
	return "a " + kind
}

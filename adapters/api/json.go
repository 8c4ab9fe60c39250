package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"

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
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return domain.FieldErrorf(wrong.Field, "%q is of the wrong type; a %s is needed, not a %s.", wrong.Field, wrong.Type, wrong.Value)
	}
	return domain.FieldErrorf("body", "The JSON could not be read: %s.", err)
}

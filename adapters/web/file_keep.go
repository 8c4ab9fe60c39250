package web

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// keepFile takes the question of a file's page, by which its owner keeps it.
func (s *site) keepFile(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	hours := form.Get("value")
	if form.Get("for") == "good" {
		hours = "0"
	}
	text, err := s.keepLonger(c.UserContext(), fiberx.Actor(c), id, hours)
	if err == nil {
		say(c, Toast{Kind: "ok", Text: text})
	} else if err := sayError(c, err); err != nil {
		return err
	}
	return seeOther(c, "/app/files/"+id.String()+"/")
}

// keepLonger keeps a file for so many hours more, 0 for good, and says until when.
func (s *site) keepLonger(ctx context.Context, a domain.Actor, id uuid.UUID, hours string) (string, error) {
	n, err := strconv.Atoi(strings.TrimSpace(hours))
	if err != nil || n < 0 || n > domain.MaxExtendHours {
		return "", domain.FieldErrorf("value", "Hours are a whole number from 0 to %d.", domain.MaxExtendHours)
	}
	f, err := s.Keeper.Extend(ctx, a, id, time.Duration(n)*time.Hour)
	if err != nil {
		return "", err
	}
	if f.ExpiresAt == nil {
		return "It never expires now.", nil
	}
	return "It expires on " + dayAndTime(*f.ExpiresAt) + " now.", nil
}

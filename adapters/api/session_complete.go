package api

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// sessionComplete makes the file out of the parts and answers with it; also
// when it did so before. 409 names what is missing. It goes on when the client
// hangs up: the session tells how far it is.
func (h *handlers) sessionComplete(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	var in struct {
		SHA256 string `json:"sha256"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	f, err := h.Sessions.Complete(c.UserContext(), fiberx.Actor(c), id, in.SHA256)
	var gaps *domain.MissingParts
	if errors.As(err, &gaps) {
		return unfinished{gaps}
	}
	if err != nil {
		return err
	}
	return c.JSON(h.fileJSON(f))
}

// unfinished says which parts are missing, for programs.
type unfinished struct{ gaps *domain.MissingParts }

func (u unfinished) Error() string { return u.gaps.Error() }

// Unwrap lets fiberx find the words.
func (u unfinished) Unwrap() error { return u.gaps }

// ProblemMembers is what fiberx adds to the problem.
func (u unfinished) ProblemMembers() map[string]any { return map[string]any{"missing": u.gaps.Missing} }

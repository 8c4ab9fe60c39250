package tus

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

const problemTypes = "https://iana.org/assignments/http-problem-types#"

var _ fiberx.Typed = typedRefusal{}

// typedRefusal is a refusal of a problem type that the draft registers
// ("Problem Types").
type typedRefusal struct {
	refusal
	kind, title string
	members     map[string]any
}

// ProblemType implements fiberx.Typed.
func (t typedRefusal) ProblemType() (uri, title string) { return problemTypes + t.kind, t.title }

// ProblemMembers are the type's extension members.
func (t typedRefusal) ProblemMembers() map[string]any { return t.members }

// mismatch is 409 for bytes that do not begin where the upload ends.
func mismatch(at, sent int64) error {
	return typedRefusal{
		refuse(fiber.StatusConflict, domain.Conflict, hOffset, "The upload is at byte %d, not at %d. Go on from there.", at, sent),
		"mismatching-upload-offset", "Mismatching Upload Offset", map[string]any{"expected-offset": at, "provided-offset": sent},
	}
}

// completed is 400 for bytes after the last one.
func completed() error {
	return typedRefusal{
		refuse(fiber.StatusBadRequest, domain.Conflict, "", "This upload is complete and takes no more bytes. Start a new one."),
		"completed-upload", "Upload Is Completed", nil,
	}
}

// inconsistent is 400 for lengths that contradict each other.
func inconsistent(format string, args ...any) error {
	return typedRefusal{
		refuse(fiber.StatusBadRequest, domain.Invalid, hLength, format, args...),
		"inconsistent-upload-length", "Inconsistent Upload Length Values", nil,
	}
}

// asError is the domain's error in err.
func asError(err error) *domain.Error {
	var e *domain.Error
	errors.As(err, &e)
	return e
}

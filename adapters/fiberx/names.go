package fiberx

import (
	"net/url"

	"github.com/google/uuid"

	"doorito/domain"
)

// ParseID reads an id from a path; what is none cannot be there, so it is
// NotFound.
func ParseID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || len(s) != 36 {
		return uuid.Nil, domain.Errorf(domain.NotFound, "There is nothing under this id. Check the link.")
	}
	return id, nil
}

// UnescapeName decodes one path segment as the client sent it (RFC 3986,
// section 2.1). %2F becomes a slash; what to do with it is for
// domain.CleanFilename. The result never shares memory with the request.
func UnescapeName(s string) (string, error) {
	name, err := url.PathUnescape(s)
	if err != nil {
		return "", domain.FieldErrorf("name", "The name in the address has a %% that starts no code. Write %%25 for a percent sign.")
	}
	return string([]byte(name)), nil
}

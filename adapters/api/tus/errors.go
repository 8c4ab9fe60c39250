package tus

import "doorito/domain"

// statusMismatch is tus' own ("Checksum").
const statusMismatch = 460

// refusal is an error with a status that codes have no word for.
type refusal struct {
	words  *domain.Error
	status int
}

// refuse makes one about a header.
func refuse(status int, code domain.Code, header, format string, args ...any) refusal {
	e := domain.Errorf(code, format, args...)
	e.Field = header
	return refusal{e, status}
}

func (r refusal) Error() string { return r.words.Error() }

// Unwrap lets fiberx find the words.
func (r refusal) Unwrap() error { return r.words }

// HTTPStatus is what fiberx answers with.
func (r refusal) HTTPStatus() int { return r.status }

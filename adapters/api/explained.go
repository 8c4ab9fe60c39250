package api

import (
	"errors"

	"doorito/domain"
)

// explained adds to a problem what programs want to know more exactly than
// people (RFC 9457, section 3.2).
func explained(err error) error {
	if members := membersOf(err); members != nil {
		return withMembers{err, members}
	}
	return err
}

func membersOf(err error) map[string]any {
	var gaps *domain.MissingParts
	var wrong *domain.WrongSum
	switch {
	case errors.As(err, &gaps):
		return map[string]any{"missing": gaps.Missing}
	case errors.As(err, &wrong):
		return map[string]any{"received_sha256": wrong.Got, "declared_sha256": wrong.Said}
	}
	return nil
}

type withMembers struct {
	error
	members map[string]any
}

// Unwrap lets fiberx find the words.
func (w withMembers) Unwrap() error { return w.error }

// ProblemMembers is what fiberx adds to the problem.
func (w withMembers) ProblemMembers() map[string]any { return w.members }

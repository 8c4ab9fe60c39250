package domain

import (
	"errors"
	"fmt"
)

// Code is the kind of an Error. Each driving adapter has one table that maps
// codes to its own language (HTTP status, exit code, retry or skip).
type Code string

const (
	Invalid         Code = "invalid"          // a value breaks a rule; Field names it
	Unauthenticated Code = "unauthenticated"  // nobody is signed in, or the credential is wrong or dead
	Forbidden       Code = "forbidden"        // signed in, but not allowed
	NotFound        Code = "not_found"        // not there, or not to be seen by this actor
	Conflict        Code = "conflict"         // the thing is in another state than the move needs
	TooLarge        Code = "too_large"        // more bytes than the limit
	UnsupportedType Code = "unsupported_type" // content type not allowed, or not what the name says
	Expired         Code = "expired"          // it was there, its time is over
	Quota           Code = "quota"            // too many tries or too much in use; wait or free something
	Unavailable     Code = "unavailable"      // a part is down; the same call may work later
	Internal        Code = "internal"         // our fault; the cause is in the log, not in the message
)

// Error is the one error type of the core. Message is a plain sentence for the
// person who caused the call; Field, when set, names the input it is about.
type Error struct {
	Code    Code
	Field   string
	Message string
	cause   error
}

func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns what caused the error; it is for logs, never for users.
func (e *Error) Unwrap() error { return e.cause }

// Errorf makes an Error whose message is for the user.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// FieldErrorf makes an Invalid error about one input field.
func FieldErrorf(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// WrapError makes an Error that carries its cause for the log.
func WrapError(code Code, cause error, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), cause: cause}
}

// CodeOf returns the code of err: "" for nil, Internal for a foreign error.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// IsCode tells whether err carries the code.
func IsCode(err error, code Code) bool { return err != nil && CodeOf(err) == code }

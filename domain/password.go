package domain

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

// Limits of a password, in characters.
const (
	MinPasswordLength = 10
	MaxPasswordLength = 200
)

// commonPasswords are those of at least MinPasswordLength characters among the
// 47,000 most frequent ones of public breaches, in lower case: the list
// passwords.txt of zxcvbn (Dropbox, by way of github.com/trustelem/zxcvbn
// v1.0.1, MIT licence).
//
//go:embed common_passwords.txt
var commonPasswords string

var commonSet = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for p := range strings.FieldsSeq(commonPasswords) {
		set[p] = true
	}
	return set
})

// CheckPassword refuses a password that is too short, too long, or among those
// that are guessed first.
func CheckPassword(p string) error {
	n := utf8.RuneCountInString(p)
	if n < MinPasswordLength {
		return FieldErrorf("password", "A password has at least %d characters; this one has %d.", MinPasswordLength, n)
	}
	if n > MaxPasswordLength {
		return FieldErrorf("password", "A password has at most %d characters; this one has %d.", MaxPasswordLength, n)
	}
	if commonSet()[strings.ToLower(p)] {
		return FieldErrorf("password", "This password is one of the %d that are guessed first. Four words that have nothing to do with each other make a better one.", len(commonSet()))
	}
	return nil
}

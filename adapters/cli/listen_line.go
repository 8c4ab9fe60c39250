package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"doorito/domain"
)

// webhookLine is what `doorito listen` prints of one webhook.
type webhookLine struct {
	At       time.Time `json:"at"`
	Event    string    `json:"event"`
	ID       string    `json:"id"`
	Delivery string    `json:"delivery"`
	Size     int       `json:"size_bytes"`
	Verified bool      `json:"verified"`
	Again    bool      `json:"again"`
	// Forwarded tells that Status is the answer of the address it was handed on to.
	Forwarded bool            `json:"forwarded,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Status    int             `json:"status"`
	Body      json.RawMessage `json:"body,omitempty"` // only when it verified and is JSON
	body      []byte
}

func (l *webhookLine) text(asJSON bool) string {
	if !asJSON {
		return l.words()
	}
	if json.Valid(l.body) {
		l.Body = l.body
	}
	out, err := json.Marshal(l)
	if err != nil {
		return fmt.Sprintf("{\"reason\":%q}\n", err)
	}
	return string(out) + "\n"
}

// words: what strangers send is stripped of what a terminal would act on.
func (l *webhookLine) words() string {
	result := "verified"
	switch {
	case !l.Verified:
		result = fmt.Sprintf("refused (%d): %s", l.Status, printable(l.Reason))
	case l.Again:
		result = "verified, again"
	}
	switch {
	case l.Verified && l.Forwarded:
		result += fmt.Sprintf(", answered %d there", l.Status)
	case l.Verified && l.Reason != "":
		result += fmt.Sprintf(", answered %d: %s", l.Status, printable(l.Reason))
	}
	return fmt.Sprintf("%s  %-15s  %s  delivery %s  %s  %s\n", l.At.UTC().Format("15:04:05.000"),
		orDash(l.Event), orDash(l.ID), orDash(l.Delivery), domain.FormatBytes(int64(l.Size)), result)
}

func orDash(s string) string {
	s = printable(s)
	if s == "" {
		return "-"
	}
	return s
}

func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}

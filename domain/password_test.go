package domain_test

import (
	"strings"
	"testing"

	"doorito/domain"
)

func TestPasswordsThatAreGuessedFirstAreRefused(t *testing.T) {
	t.Parallel()
	for p, want := range map[string]string{
		"short": "at least 10", "": "at least 10", strings.Repeat("x", 201): "at most 200", "qwertyuiop": "guessed first", "PassWord123": "guessed first", "1234567890": "guessed first",
		"äöüäöüäöüä": "", "correct horse battery": "", strings.Repeat("xyzzy ", 33): "",
	} {
		err := domain.CheckPassword(p)
		if want == "" && err != nil || want != "" && (!domain.IsCode(err, domain.Invalid) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, not %q", p, err, want)
		}
		if err != nil && p != "" && strings.Contains(err.Error(), p) {
			t.Errorf("%q stands in its error", p)
		}
	}
}

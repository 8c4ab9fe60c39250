package domain

// shownOfSum is how many digits of a SHA-256 a sentence shows.
const shownOfSum = 12

// WrongSum is the Invalid of bytes that have another SHA-256 than was said. Its
// words show the beginnings; whole they are here.
type WrongSum struct {
	words     *Error
	Got, Said string // hexadecimal
}

// NewWrongSum makes one about an input field. format has two %s, for the
// beginnings of what came and of what was said.
func NewWrongSum(field, got, said, format string) *WrongSum {
	return &WrongSum{words: FieldErrorf(field, format, beginning(got), beginning(said)), Got: got, Said: said}
}

func (w *WrongSum) Error() string { return w.words.Error() }

// Unwrap leads to the words.
func (w *WrongSum) Unwrap() error { return w.words }

func beginning(sum string) string {
	if len(sum) <= shownOfSum {
		return sum
	}
	return sum[:shownOfSum] + "…"
}

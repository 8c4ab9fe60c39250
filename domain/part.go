package domain

import "fmt"

// Run is part numbers without a gap, the first and the last of them.
type Run [2]int

// Runs writes sorted numbers compactly.
func Runs(ns []int) []Run {
	out := []Run{}
	for _, n := range ns {
		if last := len(out) - 1; last >= 0 && out[last][1]+1 == n {
			out[last][1] = n
			continue
		}
		out = append(out, Run{n, n})
	}
	return out
}

// MissingParts is the Conflict of an upload that cannot be completed yet.
type MissingParts struct {
	words   *Error
	Missing []Run
}

func (m *MissingParts) Error() string { return m.words.Error() }

// Unwrap leads to the words.
func (m *MissingParts) Unwrap() error { return m.words }

func newMissingParts(have []int, total int) *MissingParts {
	gaps := missing(have, total)
	return &MissingParts{
		words:   Errorf(Conflict, "Received %d of %d parts: missing %s.", len(have), total, inWords(gaps)),
		Missing: gaps,
	}
}

// missing are the gaps between the numbers from 1 to total.
func missing(have []int, total int) []Run {
	out := []Run{}
	next := 1
	for _, r := range append(Runs(have), Run{total + 1, total + 1}) {
		if r[0] > next {
			out = append(out, Run{next, r[0] - 1})
		}
		next = r[1] + 1
	}
	return out
}

// inWords writes "3, 7-9". Past ten runs it counts the rest.
func inWords(runs []Run) string {
	const most = 10
	text, left := "", 0
	for i, r := range runs {
		if i >= most {
			left += r[1] - r[0] + 1
			continue
		}
		if text != "" {
			text += ", "
		}
		if text += fmt.Sprint(r[0]); r[1] > r[0] {
			text += fmt.Sprintf("-%d", r[1])
		}
	}
	if left > 0 {
		text += fmt.Sprintf(" and %d more", left)
	}
	return text
}

// PartPlace is where a client says that a part lies (RFC 9110, section 14.4):
// the first and the last byte, and the file's length, -1 when it does not say.
type PartPlace struct{ First, Last, Total int64 }

// CheckPlace is Invalid when a client means another part of the file than the
// one with this number.
func (s *UploadSession) CheckPlace(number int, at PartPlace) error {
	offset, size, err := s.PartRange(number)
	if err != nil {
		return err
	}
	last := offset + size - 1
	if at.First != offset || at.Last != last || at.Total >= 0 && at.Total != *s.TotalSize {
		return FieldErrorf("Content-Range", "Part %d is bytes %d-%d/%d. Send these, or leave Content-Range out.", number, offset, last, *s.TotalSize)
	}
	return nil
}

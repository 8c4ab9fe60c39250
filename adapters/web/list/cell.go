package list

import "time"

// Cell is what one field of a row holds; partials/list_cell draws it by Kind.
type Cell struct {
	Kind    string
	Text    string
	URL     string
	Note    string // quieter words after or below Text
	Title   string // whole text where Text is cut
	State   string
	Icon    string
	Word    string
	Ext     string // the badge before a file's name
	Bytes   int64
	At      *time.Time
	Strong  bool
	Tone    string // error, warning, faint: how urgent Text is
	Bars    []Bar
	Words   []string
	Value   int
	Of      int
	Class   string // of the column, filled by the engine
	Label   string // of the column on narrow screens, filled by the engine
	RowID   string // filled by the engine
	ColName string // filled by the engine
}

// Bar is one bar of a strip, 0 to 26 high.
type Bar struct {
	Height int
	State  string
}

// Text is plain text.
func Text(s string) Cell { return Cell{Kind: "text", Text: s, Title: s} }

// Faint stands for a value that is not there: "none yet", "–".
func Faint(s string) Cell { return Cell{Kind: "text", Text: s, Tone: "faint"} }

// Toned is text in the colour of its urgency: error or warning.
func Toned(s, tone string) Cell { return Cell{Kind: "text", Text: s, Title: s, Tone: tone} }

// Link leads to the row's page.
func Link(text, url string) Cell { return Cell{Kind: "link", Text: text, URL: url, Title: text} }

// FileName is a link with the badge of the file's type.
func FileName(name, ext, url string) Cell {
	return Cell{Kind: "file", Text: name, URL: url, Title: name, Ext: ext}
}

// TwoLines is a link with a quieter line below and a tag.
func TwoLines(text, url, note, tag string) Cell {
	return Cell{Kind: "two", Text: text, URL: url, Note: note, Word: tag, Title: text}
}

// Pill is a state; word and icon override the usual ones, "" keeps them.
func Pill(state, word, icon string) Cell {
	return Cell{Kind: "pill", State: state, Word: word, Icon: icon}
}

// Size is a number of bytes.
func Size(n int64) Cell { return Cell{Kind: "size", Bytes: n} }

// Time is a moment; nil shows a dash.
func Time(t *time.Time) Cell {
	if t == nil || t.IsZero() {
		return Faint("–")
	}
	return Cell{Kind: "time", At: t}
}

// Soon is a moment that is close enough to warn of.
func Soon(t *time.Time) Cell {
	c := Time(t)
	c.Tone = "warning"
	return c
}

// Hash shows the first digits with a copy button; "" shows "none yet".
func Hash(sum string) Cell {
	if sum == "" {
		return Faint("none yet")
	}
	return Cell{Kind: "hash", Text: sum}
}

// ID shows an id's end as a link to its page, with a copy button.
func ID(id, url, what string) Cell { return Cell{Kind: "id", Text: id, URL: url, Note: what} }

// Tags are several words that are no state.
func Tags(words []string) Cell { return Cell{Kind: "tags", Words: words} }

// Wrapped is Tags in as many lines as they need.
func Wrapped(words []string) Cell { return Cell{Kind: "tags", Words: words, Tone: "wrapped"} }

// Spec is text for machines with what it means in words below.
func Spec(text, words string) Cell { return Cell{Kind: "spec", Text: text, Note: words} }

// Told is how something went: in the colour of a state, when it was, and a
// note after that.
func Told(state, text string, t *time.Time, note string) Cell {
	return Cell{Kind: "told", State: state, Text: text, Title: text, At: t, Note: note}
}

// Code is text in the type of machines.
func Code(s string) Cell { return Cell{Kind: "code", Text: s} }

// Meter is how much of a whole is there, in the colour of a state; label says
// it in words. Of 0 says that there is nothing yet.
func Meter(state string, n, of int, label string) Cell {
	if of == 0 {
		return Faint("nothing yet")
	}
	return Cell{Kind: "meter", State: state, Value: n, Of: of, Text: label}
}

// Filled is how full something is: percent, and in words.
func Filled(state string, percent int, words string) Cell {
	return Cell{Kind: "arriving", State: state, Value: percent, Text: words}
}

// Arriving is how much of a file is here: percent, and in words.
func Arriving(percent int, words string) Cell {
	return Filled("uploading", percent, words)
}

// Reason says why something failed; it is never cut.
func Reason(s string) Cell { return Cell{Kind: "reason", Text: s} }

// Since is a moment with what happened then: "expires", "deleted".
func Since(what string, t *time.Time) Cell {
	c := Time(t)
	c.Note = what
	return c
}

// Tag is a word that is no state.
func Tag(s string) Cell { return Cell{Kind: "tag", Text: s} }

// Tries is "2 of 10"; of 0 leaves the second part out.
func Tries(n, of int) Cell { return Cell{Kind: "tries", Value: n, Of: of} }

// Strip is thin bars with a label that says their sum.
func Strip(bars []Bar, label string) Cell { return Cell{Kind: "strip", Bars: bars, Text: label} }

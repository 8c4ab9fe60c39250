package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"doorito/domain"
)

// AttemptView is one try, ready to be shown.
type AttemptView struct {
	*domain.Attempt
	State  string // delivered or failed
	Word   string // what came of it
	Phases []Phase
	Label  string // the phases in words
	On     bool   // its request and answer are shown
	URL    string
}

// Phase is one part of an attempt's duration in its bar.
type Phase struct {
	Class, Name string
	X, W        px
	Took        time.Duration
}

// HeaderLine is one header field.
type HeaderLine struct{ Name, Value string }

// Geometry of a phase bar: a phase too short to see keeps phaseLeast.
const (
	phaseWide  = 400.0
	phaseLeast = 3.0
	phaseGap   = 1.0
)

func attemptView(a *domain.Attempt) AttemptView {
	v := AttemptView{Attempt: a, State: "failed", Word: domain.StatusText(a.StatusCode)}
	if a.OK() {
		v.State = "delivered"
	}
	if a.ErrorClass != domain.ErrNone && a.ErrorClass != domain.ErrStatus {
		v.Word = upperFirst(errorWord(a.ErrorClass))
	}
	v.Phases = phases(a)
	words := make([]string, len(v.Phases))
	for i, p := range v.Phases {
		words[i] = p.Name + " " + formatDuration(p.Took)
	}
	v.Label = strings.Join(words, ", ")
	if v.Label == "" {
		v.Label = "Nothing was sent"
	}
	return v
}

// phases makes the bar's pieces, which add up to the whole: they are measured
// one after the other, and what is left is the time until it was given up, or
// that in which the answer was read.
func phases(a *domain.Attempt) []Phase {
	p := a.Phases
	last := "first byte"
	if a.StatusCode == 0 {
		last = "waited"
	}
	rest := p.FirstByte
	if used := p.DNS + p.Connect + p.TLS; rest == 0 && p.Total > used && a.ErrorClass == domain.ErrTimeout {
		rest = p.Total - used
	}
	all := []Phase{
		{Class: "ph-dns", Name: "DNS", Took: p.DNS}, {Class: "ph-con", Name: "connect", Took: p.Connect},
		{Class: "ph-tls", Name: "TLS", Took: p.TLS}, {Class: "ph-ttfb", Name: last, Took: rest},
	}
	left := Phase{Class: "key-ink", Name: "answer", Took: p.Total}
	if a.StatusCode == 0 {
		left.Name = "other"
	}
	for _, p := range all {
		left.Took -= p.Took
	}
	all = slices.DeleteFunc(append(all, left), func(p Phase) bool { return p.Took <= 0 })
	sum, x := time.Duration(0), 0.0
	for _, p := range all {
		sum += p.Took
	}
	room := phaseWide - float64(len(all))*(phaseLeast+phaseGap)
	for i := range all {
		w := phaseLeast + room*float64(all[i].Took)/float64(sum)
		all[i].X, all[i].W = round(x), round(w)
		x += w + phaseGap
	}
	return all
}

// headerLines sorts a header for reading.
func headerLines(h http.Header) []HeaderLine {
	var out []HeaderLine
	for name, values := range h {
		for _, v := range values {
			out = append(out, HeaderLine{strings.ToLower(name), v})
		}
	}
	slices.SortFunc(out, func(a, b HeaderLine) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// figure is one line of a table. Ratio and target are about Value against
// Limit where there is one.
type figure struct {
	Name    string  `json:"name"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Against string  `json:"against,omitempty"` // what Limit is
	Limit   float64 `json:"limit,omitempty"`   // same unit, measured in the same run
	Ratio   float64 `json:"ratio,omitempty"`
	Target  *target `json:"target,omitempty"`
}

// target is what the project wants of a figure's ratio or value.
type target struct {
	Of      string  `json:"of"` // ratio or value
	AtLeast float64 `json:"at_least,omitempty"`
	AtMost  float64 `json:"at_most,omitempty"`
	Reached bool    `json:"reached"`
}

// table is the figures of one case.
type table struct {
	Case    string    `json:"case"`
	About   string    `json:"about"`
	Figures []*figure `json:"figures"`
	Notes   []string  `json:"notes,omitempty"`
	Error   string    `json:"error,omitempty"`
}

func (t *table) add(name string, value float64, unit string) *figure {
	f := &figure{Name: name, Value: value, Unit: unit}
	t.Figures = append(t.Figures, f)
	return f
}

func (t *table) note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// against sets the limit; ratio 0 means value / limit.
func (f *figure) against(what string, limit, ratio float64) *figure {
	if ratio == 0 && limit > 0 {
		ratio = f.Value / limit
	}
	f.Against, f.Limit, f.Ratio = what, limit, ratio
	return f
}

func (f *figure) wantRatioAtLeast(x float64) *figure {
	f.Target = &target{Of: "ratio", AtLeast: x, Reached: f.Ratio >= x}
	return f
}

func (f *figure) wantRatioAtMost(x float64) *figure {
	f.Target = &target{Of: "ratio", AtMost: x, Reached: f.Ratio <= x}
	return f
}

func (f *figure) wantAtLeast(x float64) *figure {
	f.Target = &target{Of: "value", AtLeast: x, Reached: f.Value >= x}
	return f
}

func (f *figure) wantAtMost(x float64) *figure {
	f.Target = &target{Of: "value", AtMost: x, Reached: f.Value <= x}
	return f
}

func (t *table) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s: %s\n", t.Case, t.About)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range t.Figures {
		limit, ratio, want := "", "", ""
		if f.Against != "" {
			limit, ratio = f.Against+" "+amount(f.Limit, f.Unit), fmt.Sprintf("ratio %.2f", f.Ratio)
		}
		if f.Target != nil {
			want = f.Target.words(f.Unit)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", f.Name, amount(f.Value, f.Unit), limit, ratio, want)
	}
	w.Flush()
	for _, n := range t.Notes {
		fmt.Fprintln(out, "  "+n)
	}
	if t.Error != "" {
		fmt.Fprintln(out, "  NOT MEASURED: "+t.Error)
	}
}

func (t *target) words(unit string) string {
	limit, bound := t.AtLeast, "at least "
	if t.AtMost > 0 {
		limit, bound = t.AtMost, "at most "
	}
	text := amount(limit, unit)
	if t.Of == "ratio" {
		text = "ratio " + strconv.FormatFloat(limit, 'g', -1, 64)
	}
	if t.Reached {
		return "target " + bound + text + ": reached"
	}
	return "target " + bound + text + ": MISSED"
}

// amount writes three significant digits, or all before the point.
func amount(v float64, unit string) string {
	text := strconv.FormatFloat(v, 'f', 0, 64)
	switch {
	case v < 10:
		text = strconv.FormatFloat(v, 'f', 2, 64)
	case v < 100:
		text = strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 10_000:
		text = text[:len(text)-3] + "," + text[len(text)-3:]
	}
	return text + " " + unit
}

func summary(out io.Writer, tables []*table) {
	reached, missed := 0, []string{}
	for _, t := range tables {
		for _, f := range t.Figures {
			if f.Target == nil {
				continue
			}
			if f.Target.Reached {
				reached++
			} else {
				missed = append(missed, t.Case+": "+f.Name)
			}
		}
	}
	fmt.Fprintf(out, "\n%d targets reached, %d missed\n", reached, len(missed))
	if len(missed) > 0 {
		fmt.Fprintln(out, "missed: "+strings.Join(missed, "; "))
	}
}

func printJSON(out io.Writer, tables []*table) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		At    time.Time `json:"at"`
		Go    string    `json:"go"`
		CPUs  int       `json:"cpus"`
		Cases []*table  `json:"cases"`
	}{time.Now().UTC(), runtime.Version(), runtime.NumCPU(), tables})
}

func median(v []float64) float64 { return percentile(v, 50) }

// percentile by nearest rank; for a median of an even number, the mean of two.
func percentile(v []float64, p float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	if p == 50 && len(v)%2 == 0 {
		return (v[len(v)/2-1] + v[len(v)/2]) / 2
	}
	i := int(float64(len(v))*p/100+0.999999) - 1
	return v[min(max(i, 0), len(v)-1)]
}

// ratios divides neighbours: what was measured right after each other.
func ratios(a, b []float64) float64 {
	var r []float64
	for i := range a {
		r = append(r, a[i]/b[i])
	}
	return median(r)
}

package web

import "time"

const day = 24 * time.Hour

// LifeChoice is how long a token or a link lives, with the day on which it ends.
type LifeChoice struct {
	Value, Label string
	Until        *time.Time
	On           bool
}

// lives are the choices of a form; a life of 0 is for ever.
type lives []struct {
	value, label string
	life         time.Duration
}

// choices are the lives as the form shows them, counted from now.
func (ls lives) choices(chosen string, now time.Time) []LifeChoice {
	out := make([]LifeChoice, len(ls))
	for i, l := range ls {
		out[i] = LifeChoice{Value: l.value, Label: l.label, On: l.value == chosen}
		if l.life > 0 {
			until := now.Add(l.life)
			out[i].Until = &until
		}
	}
	return out
}

// find is the life that was chosen; false when it was never offered.
func (ls lives) find(chosen string) (time.Duration, bool) {
	for _, l := range ls {
		if l.value == chosen {
			return l.life, true
		}
	}
	return 0, false
}

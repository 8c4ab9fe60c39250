package domain

import (
	"strconv"
	"strings"
	"time"
)

// Limits of an interval.
const (
	MinInterval = time.Minute
	MaxInterval = 31 * day
	day         = 24 * time.Hour
	// maxWhen bounds what is read at all, in bytes.
	maxWhen = 120
)

// ParseWhen reads when a schedule runs: "every 5m", "every 1d 12h", or five
// cron fields, which are not looked into. Invalid on field when; it says the
// limit and the value.
func ParseWhen(text string) (cron string, every time.Duration, err error) {
	fields := strings.Fields(text)
	if len(text) > maxWhen {
		return "", 0, FieldErrorf("when", "This has %d characters, %d are the most. List fewer values, or use two schedules.", len(text), maxWhen)
	}
	if len(fields) == 0 {
		return "", 0, FieldErrorf("when", "Say when it runs: every 5m, or five cron fields in UTC such as 0 */6 * * *.")
	}
	if !strings.EqualFold(fields[0], "every") {
		return strings.Join(fields, " "), 0, nil
	}
	every, err = parseInterval(strings.Join(fields[1:], ""))
	return "", every, err
}

func parseInterval(text string) (time.Duration, error) {
	var sum time.Duration
	for rest := text; rest != ""; {
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 1 {
			return 0, badInterval(text)
		}
		unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': day}[rest[end]|0x20]
		n, err := strconv.Atoi(rest[:end])
		if err != nil || unit == 0 {
			return 0, badInterval(text)
		}
		if n > int(MaxInterval/unit) || sum+time.Duration(n)*unit > MaxInterval {
			return 0, FieldErrorf("when", "An interval is at most %s; every %s is longer. Use cron fields for what is rarer.", FormatInterval(MaxInterval), text)
		}
		sum, rest = sum+time.Duration(n)*unit, rest[end+1:]
	}
	if text == "" {
		return 0, badInterval(text)
	}
	if sum < MinInterval {
		return 0, FieldErrorf("when", "An interval is at least %s; every %s is shorter.", FormatInterval(MinInterval), text)
	}
	return sum, nil
}

func badInterval(text string) error {
	return FieldErrorf("when", "%q is no interval. Write numbers with d, h, m or s, such as every 6h or every 1d 12h.", text)
}

// FormatInterval writes what ParseWhen reads after "every": "5m", "1d12h".
func FormatInterval(d time.Duration) string {
	var b strings.Builder
	for _, u := range []struct {
		size time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := d / u.size; n > 0 {
			b.WriteString(strconv.Itoa(int(n)) + u.name)
			d -= n * u.size
		}
	}
	return b.String()
}

// Words says when it runs as people do: "every 6 hours, at :15"; "" when only
// the cron fields say it well. Times are UTC.
func (s *Schedule) Words() string {
	if s.Every > 0 {
		return intervalWords(s.Every)
	}
	f := strings.Fields(s.Cron)
	if len(f) != 5 || f[3] != "*" {
		return ""
	}
	minute, hour, date, weekday := f[0], f[1], f[2], f[4]
	daily := date == "*" && weekday == "*"
	if n, ok := step(minute); ok && daily && hour == "*" {
		return plural(n, "every minute", "minutes")
	}
	m, err := strconv.Atoi(minute)
	if err != nil {
		return ""
	}
	past := ""
	if m > 0 {
		past = ", at :" + twoDigits(m)
	}
	if n, ok := step(hour); ok && daily {
		return plural(n, "every hour", "hours") + past
	}
	at, ok := timesOf(hour, m)
	if !ok {
		return ""
	}
	switch {
	case daily:
		return "every day at " + at
	case date == "*":
		if name := weekdays[strings.ToLower(weekday)]; name != "" {
			return name + " at " + at
		}
	case weekday == "*":
		if n, err := strconv.Atoi(date); err == nil {
			return "on day " + strconv.Itoa(n) + " of each month at " + at
		}
	}
	return ""
}

var weekdays = map[string]string{
	"0": "Sundays", "1": "Mondays", "2": "Tuesdays", "3": "Wednesdays", "4": "Thursdays", "5": "Fridays", "6": "Saturdays",
	"sun": "Sundays", "mon": "Mondays", "tue": "Tuesdays", "wed": "Wednesdays", "thu": "Thursdays", "fri": "Fridays", "sat": "Saturdays",
	"1-5": "Monday to Friday", "mon-fri": "Monday to Friday", "0,6": "Saturdays and Sundays", "6,0": "Saturdays and Sundays", "sat,sun": "Saturdays and Sundays",
}

func intervalWords(d time.Duration) string {
	for _, u := range []struct {
		size      time.Duration
		one, many string
	}{{day, "every day", "days"}, {time.Hour, "every hour", "hours"}, {time.Minute, "every minute", "minutes"}} {
		if d%u.size == 0 {
			return plural(int(d/u.size), u.one, u.many)
		}
	}
	return "every " + FormatInterval(d)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return "every " + strconv.Itoa(n) + " " + many
}

// step reads "*" and "*/N".
func step(field string) (int, bool) {
	if field == "*" {
		return 1, true
	}
	text, ok := strings.CutPrefix(field, "*/")
	n, err := strconv.Atoi(text)
	return n, ok && err == nil && n > 0
}

// timesOf says up to four hours with their minute: "00:15, 12:15".
func timesOf(hours string, minute int) (string, bool) {
	list := strings.Split(hours, ",")
	for i, h := range list {
		n, err := strconv.Atoi(h)
		if err != nil || len(list) > 4 {
			return "", false
		}
		list[i] = twoDigits(n) + ":" + twoDigits(minute)
	}
	return strings.Join(list, ", "), true
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

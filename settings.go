package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"doorito/domain"
)

// settings reads variables and collects what is wrong with them, so that one
// start shows every mistake.
type settings struct {
	env  func(string) string
	errs []error
}

func (s *settings) fail(name, value, allowed string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf("%s is %q; allowed: %s", name, value, fmt.Sprintf(allowed, args...)))
}

func (s *settings) text(name, def string) string {
	if v := s.env(name); v != "" {
		return v
	}
	return def
}

func (s *settings) number(name string, def, low, high int64, unit string) int64 {
	v := s.env(name)
	if v == "" {
		return def
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < low || n > high {
		s.fail(name, v, "a whole number of %s from %d to %d", unit, low, high)
		return def
	}
	return n
}

func (s *settings) hours(name string, def, low int64) time.Duration {
	return time.Duration(s.number(name, def, low, 87600, "hours")) * time.Hour
}

func (s *settings) flag(name string, def bool) bool {
	v := s.env(name)
	if v == "" {
		return def
	}
	b, err := strconv.ParseBool(strings.ToLower(v))
	if err != nil {
		s.fail(name, v, "true or false")
		return def
	}
	return b
}

func (s *settings) oneOf(name, def string, words ...string) string {
	v := s.env(name)
	if v == "" {
		return def
	}
	for _, w := range words {
		if v == w {
			return v
		}
	}
	s.fail(name, v, "%s", strings.Join(words, " or "))
	return def
}

func (s *settings) level(name string) slog.Level {
	var l slog.Level
	if v := s.env(name); v != "" {
		if err := l.UnmarshalText([]byte(v)); err != nil {
			s.fail(name, v, "debug, info, warn or error")
		}
	}
	return l
}

func (s *settings) address(name, def string) string {
	v := s.text(name, def)
	_, port, err := net.SplitHostPort(v)
	if n, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || n > 65535 {
		s.fail(name, v, "HOST:PORT, such as 127.0.0.1:8080 or :8080")
	}
	return v
}

// schemes is a URL with one of these schemes, or nothing. The value may hold a
// password, so only its scheme is shown.
func (s *settings) schemes(name string, allowed ...string) string {
	v := s.env(name)
	if v == "" {
		return ""
	}
	scheme, rest, ok := strings.Cut(v, "://")
	for _, a := range allowed {
		if ok && rest != "" && scheme == a {
			return v
		}
	}
	s.fail(name, scheme+"…", "a URL that starts with %s://", strings.Join(allowed, ":// or "))
	return ""
}

func (s *settings) baseURL() string {
	v := s.env("BASE_URL")
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		s.fail("BASE_URL", v, "http:// or https:// and a host, without a path")
	}
	return strings.TrimRight(v, "/")
}

func (s *settings) secret() string {
	v := s.env("SECRET_KEY")
	if v == "" {
		return ""
	}
	if _, err := domain.NewKeyring(v); err != nil {
		s.fail("SECRET_KEY", "…", "%d or more random characters; after a comma, older keys that must still verify", domain.MinSecretKeyLength)
	}
	return v
}

func (s *settings) email(name, def string) string {
	v := s.text(name, def)
	e, err := domain.NormalizeEmail(v)
	if err != nil {
		s.fail(name, v, "an email address")
	}
	return e
}

func (s *settings) password(name string) string {
	v := s.env(name)
	if v != "" && domain.CheckPassword(v) != nil {
		s.fail(name, "…", "%d to %d characters, and not a password that everybody tries", domain.MinPasswordLength, domain.MaxPasswordLength)
	}
	return v
}

func (s *settings) types(name string) []string {
	var out []string
	for _, w := range s.words(name) {
		major, minor, ok := strings.Cut(w, "/")
		if !ok || major == "" || minor == "" || strings.ContainsAny(w, " ;") {
			s.fail(name, w, "MIME types between commas, such as application/pdf,image/*")
			continue
		}
		out = append(out, strings.ToLower(w))
	}
	return out
}

// origins are scheme and host of pages, without a path (RFC 6454, section 7).
func (s *settings) origins(name string) []string {
	var out []string
	for _, w := range s.words(name) {
		u, err := url.Parse(w)
		if w != "*" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.Path != "" || u.RawQuery != "") {
			s.fail(name, w, "origins between commas, such as https://app.example.com, or *")
			continue
		}
		out = append(out, w)
	}
	return out
}

func (s *settings) networks(name string) []netip.Prefix {
	var out []netip.Prefix
	for _, w := range s.words(name) {
		p, err := netip.ParsePrefix(w)
		if err != nil {
			s.fail(name, w, "networks between commas, such as 10.1.0.0/16,fd00::/8")
			continue
		}
		out = append(out, p)
	}
	return out
}

func (s *settings) ports(name string) []uint16 {
	var out []uint16
	for _, w := range s.words(name) {
		n, err := strconv.ParseUint(w, 10, 16)
		if err != nil || n == 0 {
			s.fail(name, w, "port numbers between commas, such as 443,8443")
			continue
		}
		out = append(out, uint16(n))
	}
	return out
}

func (s *settings) words(name string) []string {
	var out []string
	for w := range strings.SplitSeq(s.env(name), ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

func (s *settings) schedule() domain.RetrySchedule {
	sched := domain.DefaultRetrySchedule
	if v := s.env("WEBHOOK_RETRY_SCHEDULE"); v != "" {
		var err error
		if sched, err = domain.ParseRetrySchedule(v); err != nil {
			s.fail("WEBHOOK_RETRY_SCHEDULE", v, "waits between commas, one for each attempt, such as 0s,5s,5m,30m")
			sched = domain.DefaultRetrySchedule
		}
	}
	n := int(s.number("OUTBOX_MAX_ATTEMPTS", int64(len(sched)), 1, 50, "attempts"))
	for len(sched) < n {
		sched = append(sched[:len(sched):len(sched)], sched[len(sched)-1])
	}
	return sched[:n]
}

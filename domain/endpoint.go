package domain

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Endpoint is a receiver of webhooks that an admin configured.
type Endpoint struct {
	ID             uuid.UUID
	Name           string
	URL            string
	EventTypes     []string // patterns; empty means every file.* and batch.*
	Active         bool
	DisabledAt     *time.Time
	DisabledReason string
	Filter         Filter            // conditions on the data of events
	Headers        map[string]string // custom request headers: name to sealed value, see HeaderSeal
	ClientCert     *ClientCert       // for mutual TLS; nil for none
	Timeout        time.Duration     // 0 means the setting
	MaxInFlight    int               // concurrent requests; 0 means DefaultMaxInFlight
	RateLimit      int               // requests a second; 0 means none
	Secrets        []EndpointSecret  // oldest first
	FailingSince   *time.Time        // first failure after the last success
	LastSuccessAt  *time.Time
	LastFailureAt  *time.Time
	Failures       int           // failed attempts since the last success
	Strikes        int           // of the circuit breaker, see health.go
	PausedUntil    *time.Time    // nothing is sent before; once past, one request at a time
	RetrySchedule  RetrySchedule // nil means the setting
	CreatedBy      *uuid.UUID
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// DefaultMaxInFlight bounds the concurrent requests to one endpoint.
const DefaultMaxInFlight = 16

// EndpointForm is what an admin types.
type EndpointForm struct {
	Name       string
	URL        string
	EventTypes []string
	Filter     Filter
	Headers    []HeaderChange // changes to what is there; others stay
	Pace       *Pace          // nil leaves it as it is
}

// NewEndpoint validates the form and makes an active endpoint without secrets.
func NewEndpoint(id uuid.UUID, f EndpointForm, requireHTTPS bool, by *uuid.UUID, now time.Time) (*Endpoint, error) {
	e := &Endpoint{ID: id, Active: true, Headers: map[string]string{}, CreatedBy: by, CreatedAt: now, UpdatedAt: now}
	return e, e.Edit(f, requireHTTPS, now)
}

// Edit validates the form and takes it over.
func (e *Endpoint) Edit(f EndpointForm, requireHTTPS bool, now time.Time) error {
	u, err := CheckEndpointURL(f.URL, requireHTTPS)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(f.Name)
	if name == "" {
		name = u.Host
	}
	if n := utf8.RuneCountInString(name); n > MaxNameLength {
		return FieldErrorf("name", "A name has at most %d characters; this one has %d.", MaxNameLength, n)
	}
	types := make([]string, 0, len(f.EventTypes))
	for _, s := range f.EventTypes {
		p, err := ParseEventPattern(s)
		if err != nil {
			return err
		}
		types = append(types, p)
	}
	filter, err := f.Filter.Checked()
	if err != nil {
		return err
	}
	e.Name, e.URL, e.EventTypes, e.Filter, e.UpdatedAt = name, u.String(), types, filter, now
	if f.Pace != nil {
		e.setPace(*f.Pace)
	}
	return nil
}

// CheckEndpointURL refuses what is not an absolute http(s) URL, user
// information in it, a fragment, and http where https is demanded. The address
// behind the name is checked at dial time, not here.
func CheckEndpointURL(s string, requireHTTPS bool) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return nil, FieldErrorf("url", "%q is not a web address. It starts with https:// and a host name.", s)
	case len(u.String()) > 2000:
		return nil, FieldErrorf("url", "The address has %d characters; at most 2,000 fit.", len(u.String()))
	case !isPort(u.Port()):
		return nil, FieldErrorf("url", "The port %s does not exist. Ports go from 1 to 65535.", u.Port())
	case u.User != nil:
		return nil, FieldErrorf("url", "The address carries a user name or password. Leave it out; requests are signed.")
	case u.Fragment != "":
		return nil, FieldErrorf("url", "The address has a part after #, which is never sent. Leave it out.")
	case requireHTTPS && u.Scheme != "https":
		return nil, FieldErrorf("url", "Only https:// addresses are allowed here (WEBHOOK_REQUIRE_HTTPS).")
	}
	return u, nil
}

// isPort: a URL without a port has the one of its scheme.
func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return s == "" || err == nil && n > 0
}

// Wants tells whether the event is owed to this endpoint.
func (e *Endpoint) Wants(ev *Event) bool {
	if ev.TargetID != nil {
		return *ev.TargetID == e.ID
	}
	if !e.Active {
		return false
	}
	return e.Chooses(ev.Type) && e.Filter.Matches(ev)
}

// Chooses tells whether the endpoint asks for events of the type.
func (e *Endpoint) Chooses(t EventType) bool {
	if len(e.EventTypes) == 0 {
		return matchPattern("file.*", t) || matchPattern("batch.*", t)
	}
	return slices.ContainsFunc(e.EventTypes, func(p string) bool { return matchPattern(p, t) })
}

// Disable switches the endpoint off with a reason that people read.
func (e *Endpoint) Disable(reason string, now time.Time) {
	e.Active, e.DisabledAt, e.DisabledReason, e.UpdatedAt = false, &now, reason, now
}

// Enable switches it on again and forgets its failures.
func (e *Endpoint) Enable(now time.Time) {
	e.Active, e.DisabledAt, e.DisabledReason, e.UpdatedAt = true, nil, "", now
	e.FailingSince, e.Failures, e.Strikes, e.PausedUntil = nil, 0, 0, nil
}

// InFlightLimit is the most requests at once.
func (e *Endpoint) InFlightLimit() int {
	if e.MaxInFlight > 0 {
		return e.MaxInFlight
	}
	return DefaultMaxInFlight
}

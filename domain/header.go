package domain

import (
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// Bounds of custom headers.
const (
	MaxHeaders        = 20
	maxHeaderName     = 100
	maxHeaderValue    = 4096
	headerTokenOthers = "!#$%&'*+-.^_`|~" // RFC 9110, section 5.6.2
)

// HeaderChange is one custom header as an admin types it. An empty value keeps
// what is there under the name.
type HeaderChange struct {
	Name, Value string
	Remove      bool
}

// reservedHeaders are written by Doorito or belong to the connection; what
// begins with one of reservedPrefixes is too.
var (
	reservedHeaders = map[string]string{
		"Host": "is the address", "Content-Length": "is counted", "Content-Type": "is always application/json", "Content-Encoding": "would not be true",
		"User-Agent": "says who calls", "Accept-Encoding": "is left out, as answers are kept as they come", "Date": "is webhook-timestamp here", "Expect": "would make every request wait",
		"Connection": "", "Keep-Alive": "", "Te": "", "Trailer": "", "Transfer-Encoding": "", "Upgrade": "", "Http2-Settings": "", "Proxy-Connection": "",
	}
	reservedPrefixes = []string{"Webhook-", "X-Webhook-", "Proxy-", "Sec-"}
)

// HeaderSeal is what a sealed header value is bound to.
func HeaderSeal(endpoint uuid.UUID, name string) string {
	return endpoint.String() + " header " + name
}

// CheckHeader returns the name in its canonical form and the value without
// space around it. Invalid for what is not a header, or one that is reserved.
func CheckHeader(name, value string) (string, string, error) {
	name, value = strings.TrimSpace(name), strings.Trim(value, " \t")
	field := "headers." + name
	switch {
	case name == "" && value != "":
		return "", "", FieldErrorf("headers", "A header needs a name. Type one, or empty its value too.")
	case len(name) > maxHeaderName || !isToken(name):
		return "", "", FieldErrorf("headers", "%q is not a header's name. It has letters, digits and hyphens, at most %d.", name, maxHeaderName)
	case len(value) > maxHeaderValue:
		return "", "", FieldErrorf(field, "The value of %s has %d bytes; at most %d fit.", name, len(value), maxHeaderValue)
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }):
		return "", "", FieldErrorf(field, "The value of %s holds a line break, another control character or a letter outside ASCII.", name)
	}
	name = http.CanonicalHeaderKey(name)
	why, taken := reservedHeaders[name]
	for _, p := range reservedPrefixes {
		taken = taken || strings.HasPrefix(name, p)
	}
	if taken {
		if why == "" {
			why = "is Doorito's or the connection's to set"
		}
		return "", "", FieldErrorf(field, "%s cannot be set: it %s. Choose another name.", name, why)
	}
	return name, value, nil
}

func isToken(s string) bool {
	if s == "" {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r < 0x80 && strings.ContainsRune(headerTokenOthers, r))
	})
}

// ChangeHeaders takes the changes over; seal turns a value into its sealed
// form. It returns the names that were set and removed.
func (e *Endpoint) ChangeHeaders(changes []HeaderChange, seal func(value, about string) (string, error)) (set, removed []string, err error) {
	out := make(map[string]string, len(e.Headers)+len(changes))
	for k, v := range e.Headers {
		out[k] = v
	}
	seen := map[string]bool{}
	for _, c := range changes {
		if strings.TrimSpace(c.Name) == "" && strings.TrimSpace(c.Value) == "" {
			continue
		}
		name, value, err := CheckHeader(c.Name, c.Value)
		if err != nil {
			return nil, nil, err
		}
		if seen[name] {
			return nil, nil, FieldErrorf("headers."+name, "%s is there twice. Keep one of the two.", name)
		}
		seen[name] = true
		_, known := out[name]
		switch {
		case c.Remove && known:
			delete(out, name)
			removed = append(removed, name)
		case c.Remove, value == "" && known:
		case value == "":
			return nil, nil, FieldErrorf("headers."+name, "%s needs a value.", name)
		default:
			if out[name], err = seal(value, HeaderSeal(e.ID, name)); err != nil {
				return nil, nil, err
			}
			set = append(set, name)
		}
	}
	if len(out) > MaxHeaders {
		return nil, nil, FieldErrorf("headers", "At most %d headers; these are %d.", MaxHeaders, len(out))
	}
	e.Headers = out
	return set, removed, nil
}

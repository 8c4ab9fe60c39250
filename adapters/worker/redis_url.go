package worker

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"doorito/domain"
)

// redisForms is what REDIS_URL may look like, for error messages.
const redisForms = "redis://[:password@]host:6379/0, rediss://… for TLS, " +
	"redis-sentinel://[:password@]host1:26379,host2:26379/mastername/0 or redis-cluster://host1:6379,host2:6379"

// place is a REDIS_URL taken apart.
type place struct {
	kind             string // "", "sentinel" or "cluster"
	tls              bool
	hosts            []string
	user, password   string
	master           string
	db               int
	sentinelUser     string
	sentinelPassword string
}

func badURL(format string, args ...any) error {
	return domain.FieldErrorf("REDIS_URL", "REDIS_URL "+format+". Use "+redisForms+".", args...)
}

// parsePlace reads the URL by hand as far as its list of hosts goes, which is
// none of RFC 3986. Errors never show the value: it may hold a password.
func parsePlace(raw string) (*place, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return nil, badURL("is not a URL")
	}
	p := &place{}
	if err := p.readScheme(strings.ToLower(scheme)); err != nil {
		return nil, err
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	userinfo, hosts := "", authority
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		userinfo, hosts = authority[:at+1], authority[at+1:]
	}
	u, err := url.Parse("redis://" + userinfo + "host" + tail)
	if err != nil {
		return nil, badURL("has a part that cannot be read; write special characters of the password as %%XX")
	}
	p.user = u.User.Username()
	p.password, _ = u.User.Password()
	if err := p.readHosts(hosts); err != nil {
		return nil, err
	}
	if err := p.readPath(strings.Trim(u.Path, "/")); err != nil {
		return nil, err
	}
	return p, p.readQuery(u.Query())
}

func (p *place) readScheme(scheme string) error {
	secure, ok := strings.CutPrefix(scheme, "rediss")
	p.tls = ok
	if !ok {
		if secure, ok = strings.CutPrefix(scheme, "redis"); !ok {
			return badURL("starts with %q", scheme)
		}
	}
	switch strings.TrimLeft(secure, "+-") {
	case "":
	case "sentinel":
		p.kind = "sentinel"
	case "cluster":
		p.kind = "cluster"
	default:
		return badURL("starts with %q", scheme)
	}
	return nil
}

func (p *place) readHosts(list string) error {
	port := "6379"
	if p.kind == "sentinel" {
		port = "26379"
	}
	for h := range strings.SplitSeq(list, ",") {
		host, own, err := net.SplitHostPort(h)
		if err != nil {
			host, own = strings.Trim(h, "[]"), port
			if strings.Contains(host, ":") != strings.HasPrefix(h, "[") {
				return badURL("has a host %q that cannot be read", h)
			}
		}
		n, err := strconv.ParseUint(own, 10, 16)
		if host == "" || err != nil || n == 0 {
			return badURL("has a host %q that is not HOST:PORT", h)
		}
		p.hosts = append(p.hosts, net.JoinHostPort(host, own))
	}
	if p.kind == "" && len(p.hosts) > 1 {
		return badURL("names %d hosts; several need redis-sentinel:// or redis-cluster://", len(p.hosts))
	}
	return nil
}

// readPath reads /db, or /mastername/db for Sentinel; a cluster has one database.
func (p *place) readPath(path string) error {
	db := path
	if p.kind == "sentinel" {
		p.master, db, _ = strings.Cut(path, "/")
		if p.master == "" {
			return badURL("names no master for Sentinel")
		}
	}
	if db == "" {
		return nil
	}
	n, err := strconv.Atoi(db)
	if err != nil || n < 0 || (p.kind == "cluster" && n != 0) {
		return badURL("has the database %q, which is no number of a database there", db)
	}
	p.db = n
	return nil
}

func (p *place) readQuery(q url.Values) error {
	for key, values := range q {
		switch {
		case key == "sentinel_username" && p.kind == "sentinel":
			p.sentinelUser = values[0]
		case key == "sentinel_password" && p.kind == "sentinel":
			p.sentinelPassword = values[0]
		default:
			return badURL("has the parameter %q, which is not known", key)
		}
	}
	return nil
}

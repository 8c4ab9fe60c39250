package main

import (
	"net/url"
	"strings"
)

// question is a page, with the first page of the same list if it is a deep one.
type question struct{ path, first string }

// isExport tells that the list is streamed: what counts is its first byte.
func (q question) isExport() bool { return strings.Contains(q.path, "/export.") }

// questions are what an admin and a person of the staff may ask: each filter of
// each list, those together of which each has many rows and both have few or
// none, searches of every length, and pages in the middle of a list.
func questions(v places) (admin, staff []question) {
	for _, path := range adminPaths(v) {
		admin = append(admin, question{path: path})
	}
	for _, d := range [][2]string{
		{"/app/files/", v.deepFile}, {"/app/files/?status=failed", v.deepFile}, {"/app/files/?status=processed", v.deepFile}, {"/app/files/?q=invoice", v.deepFile},
		{"/app/files/?type=application/pdf", v.deepFile}, {"/app/deliveries/", v.deepDelivery}, {"/app/deliveries/?status=failed", v.deepDelivery},
		{"/app/deliveries/?endpoint=" + v.endpoint, v.deepDelivery}, {"/app/events/", v.deepEvent}, {"/admin/files/", v.deepFile}, {"/admin/deliveries/", v.deepDelivery},
		{"/admin/attempts/", v.deepAttempt}, {"/admin/events/", v.deepEvent}, {"/admin/sessions/", v.deepSession}, {"/admin/parts/", v.deepPart}, {"/admin/audit/", v.deepFile},
	} {
		admin = append(admin, question{within(d[0], "after="+d[1]), d[0]}, question{within(d[0], "before="+d[1]), d[0]})
	}
	for _, path := range []string{
		"/app/?span=24h", "/app/", "/app/?span=30d", "/app/files/", "/app/files/?status=failed", "/app/files/?status=failed&type=video/&size=medium", "/app/files/?type=application/pdf",
		"/app/files/?size=huge", "/app/files/?created=1h", "/app/files/?expiring=24", "/app/files/?expiring=held", "/app/files/?sort=oldest",
		"/app/files/?q=in", "/app/files/?q=inv", "/app/files/?q=invoice", "/app/files/?q=nothing-has-this-name", "/app/files/?q=invoice&status=failed",
		"/app/batches/", "/app/batches/?status=complete", "/app/batches/?q=harbour",
		"/app/find/?q=in", "/app/find/?q=invoice", "/app/find/?q=nothing-has-this-name", "/app/search/?q=in", "/app/search/?q=invoice", "/app/search/?q=nothing-has-this-name",
	} {
		staff = append(staff, question{path: path})
	}
	return admin, append(staff, question{"/app/files/?after=" + v.deepOwn, "/app/files/"}, question{"/app/files/?before=" + v.deepOwn, "/app/files/"})
}

func within(path, query string) string {
	if strings.Contains(path, "?") {
		return path + "&" + query
	}
	return path + "?" + query
}

// each is a list with one query after the other.
func each(path string, queries ...string) []string {
	out := []string{path}
	for _, q := range queries {
		out = append(out, path+"?"+q)
	}
	return out
}

func adminPaths(v places) []string {
	q := url.QueryEscape
	owner, endpoint, name := "owner="+v.owner, "endpoint="+v.endpoint, "q="+q(v.name)
	words := []string{"q=i", "q=in", "q=inv", "q=invoice", name, "q=nothing-has-this-name", "q=camera+999"}
	created := []string{"created=1h", "created=24h", "created=7d", "created=30d"}
	files := append([]string{
		"status=uploading", "status=stored", "status=processed", "status=failed", "status=deleted", "status=deleted&status=failed",
		"type=application%2Fpdf", "type=image%2F", "type=video%2F", "type=text%2F", "type=application%2Fzip", "type=text%2F&type=image%2F", "type=application%2Fnever",
		"size=small", "size=medium", "size=large", "size=huge", "expiring=1", "expiring=24", "expiring=held", owner, "batch=" + v.batch, "sort=oldest",
		"status=failed&type=application%2Fpdf&created=30d", owner + "&status=failed", owner + "&type=application%2Fpdf", owner + "&type=video%2F", owner + "&size=huge",
		"status=processed&type=video%2F", "status=processed&size=medium", "status=stored&size=huge", "status=deleted&status=failed&type=text%2F&size=small",
		"type=image%2F&size=medium&created=30d", "type=image%2F&expiring=24", "status=failed&sort=oldest", "type=video%2F&sort=oldest", "created=7d&type=application%2Fpdf&status=failed",
		"q=" + v.sha[:6], "q=" + v.sha[:12], "q=" + v.id, "q=" + v.id[30:],
		"q=invoice&status=failed", "q=invoice&type=video%2F", "q=in&type=video%2F", "q=invoice&sort=oldest", "q=in&" + owner, "q=invoice&created=1h",
	}, append(words, created...)...)
	deliveries := append([]string{
		"status=failed", "status=pending", "status=delivered", "status=cancelled", endpoint, endpoint + "&status=delivered", endpoint + "&status=failed", endpoint + "&status=cancelled",
		"type=file.stored", "type=file.deleted", "type=ping", endpoint + "&type=file.deleted", "status=delivered&type=file.deleted", "class=timeout", "class=status", endpoint + "&class=timeout",
		"code=2xx", "code=404", "code=5xx", "code=503", "code=0", endpoint + "&code=404", "status=delivered&code=404", "status=delivered&class=timeout", "event=" + v.event,
		"type=file.deleted&created=30d", "code=404&sort=oldest", "sort=oldest", "q=" + v.event, "q=invoice&" + endpoint, "q=invoice&status=failed", "q=invoice&status=cancelled", "q=invoice&code=404",
	}, append(words, created...)...)
	events := append([]string{"status=failed", "status=pending", "status=delivered", "type=file.stored", "type=file.deleted", "status=failed&type=file.deleted", "status=failed&type=file.stored", "q=invoice&status=failed", "sort=oldest"}, append(words, created...)...)
	attempts := append([]string{"class=ok", "class=status", "class=timeout", "code=2xx", "code=5xx", "code=404", endpoint, endpoint + "&class=status", endpoint + "&class=timeout", endpoint + "&code=404", "class=ok&code=404", "q=503", "q=nothing-has-this-text", "sort=oldest"}, created...)
	paths := []string{"/app/?span=24h", "/app/", "/app/?span=30d", "/app/endpoints/", "/app/endpoints/" + v.endpoint + "/", "/app/deliveries/stuck/", "/app/replays/"}
	for _, list := range [][]string{
		each("/app/files/", files...), each("/app/batches/", append([]string{"status=complete", "status=partial", "creator=" + v.owner, "q=week+39", "q=harbour", "sort=oldest"}, created...)...),
		each("/app/deliveries/", deliveries...), each("/app/events/", events...),
		each("/admin/files/", "status=failed", "status=failed&type=video%2F", owner, "type=video%2F", "size=medium", "superseded=true", "q=invoice", "q=in", "created=1h", "from=2026-01-01&to=2026-12-31"),
		each("/admin/deliveries/", "status=failed", "status=cancelled", endpoint, "type=file.deleted", "code=404", "q=invoice"), each("/admin/attempts/", attempts...),
		each("/admin/events/", "status=failed", "type=file.deleted", "q=invoice"), each("/admin/batches/", "status=partial", "q=harbour"),
		each("/admin/sessions/", "status=failed", "status=in_progress", "kind=partial", "mode=sequential", owner, "mode=sequential&kind=partial", "q="+v.id[30:]),
		each("/admin/parts/", append([]string{"status=failed", "status=in_progress", "status=complete", "session=" + v.session, "q=" + v.session, "q=" + v.session[30:], "q=" + v.sha, "sort=oldest"}, created...)...),
		each("/admin/sessions/" + v.session + "/"), each("/admin/users/", "q=person", "role=admin"),
		each("/admin/audit/", "object=share", "action=share.made", "actor="+v.owner, "object=share&action=file.deleted", "q=nobody-has-this-name", "q=person", "from=2026-01-01&to=2026-12-31"),
		each("/admin/"), each("/admin/tokens/"), each("/admin/schedules/"),
		{"/admin/files/export.csv", "/admin/files/export.csv?status=failed", "/admin/deliveries/export.csv", "/admin/attempts/export.json"},
	} {
		paths = append(paths, list...)
	}
	for _, page := range []string{"/app/find/?", "/app/search/?"} {
		for _, w := range append([]string{"q=" + v.sha[:12], "q=" + v.id, "q=harbour"}, words...) {
			paths = append(paths, page+w)
		}
	}
	return paths
}

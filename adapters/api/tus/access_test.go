package tus_test

import (
	"fmt"
	"strings"
	"testing"

	"doorito/adapters/api/tus"
	"doorito/adapters/fiberx"
)

func TestSessionNeedsItsTokenAndBearersDoNot(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	const v, cookie, size = "Tus-Resumable: 1.0.0", "Cookie: doorito_session=" + session, "Upload-Length: 5"
	for name, tc := range map[string]struct {
		headers []string
		status  int
	}{
		"a session with its token":        {[]string{cookie, "X-CSRF-Token: " + csrf}, 201},
		"from our own page":               {[]string{cookie, "X-CSRF-Token: " + csrf, "Sec-Fetch-Site: same-origin"}, 201},
		"without":                         {[]string{cookie}, 403},
		"with another":                    {[]string{cookie, "X-CSRF-Token: x"}, 403},
		"as a form, whose token may lag":  {[]string{cookie, "Content-Type: multipart/form-data; boundary=x"}, 403},
		"from another site":               {[]string{cookie, "X-CSRF-Token: " + csrf, "Sec-Fetch-Site: cross-site"}, 403},
		"from a friend's page":            {[]string{cookie, "X-CSRF-Token: " + csrf, "Origin: " + friend}, 403},
		"a bearer from a friend's page":   {[]string{"Authorization: Bearer " + adaToken, "Origin: " + friend, "Sec-Fetch-Site: cross-site"}, 201},
		"a bearer that may not upload":    {[]string{"Authorization: Bearer " + readToken}, 403},
		"a bearer that is unknown":        {[]string{"Authorization: Bearer x"}, 401},
		"a session that is over":          {[]string{"Cookie: doorito_session=x", "X-CSRF-Token: " + csrf}, 401},
		"nobody":                          {nil, 401},
		"nobody with a body, from a form": {[]string{"Content-Type: multipart/form-data; boundary=x"}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.raw(t, "POST", "/files/", nil, append(tc.headers, v, size)...).want(t, tc.status)
		})
	}
}

func TestWhatIsAnothersIsNotThere(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	at := p.create(t, "Upload-Length: 5")
	asBob := []string{"Authorization: Bearer " + bobToken, "Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream"}
	for _, method := range []string{"HEAD", "PATCH", "DELETE"} {
		p.raw(t, method, at, nil, asBob...).want(t, 404, "Upload-Offset:", "Upload-Length:")
	}
	p.raw(t, "PATCH", at, nil, append(asBob, "Upload-Length: 5")...).want(t, 404)
	p.head(t, at).want(t, 200, "Upload-Offset: 0")
}

func TestErrorsAreASentenceOrProblemJSON(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	at := p.create(t, "Upload-Length: 5")
	for name, a := range map[string]answer{
		"400": p.do(t, "POST", "/files/", ""), "404": p.patch(t, "/files/x", "0", "a"), "409": p.patch(t, at, "3", "a"),
		"412": p.raw(t, "POST", "/files/", nil, "Authorization: Bearer "+adaToken), "413": p.do(t, "POST", "/files/", "", "Upload-Length: 9999999"),
		"415": p.do(t, "PATCH", at, "a", "Upload-Offset: 0"), "460": p.patch(t, at, "0", "a", "Upload-Checksum: sha1 "+sha1of("b")), "401": p.raw(t, "POST", "/files/", nil),
	} {
		if fmt.Sprint(a.status) != name || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") || !strings.Contains(a.body, ".\nRequest ") || strings.Contains(a.body, "{") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	a := p.patch(t, at, "0", "a", "Upload-Checksum: sha1 "+sha1of("b"), "Accept: application/problem+json")
	a.want(t, 460, "Content-Type: application/problem+json")
	if !strings.Contains(a.body, `"status":460,"detail":"The bytes do not match`) || !strings.Contains(a.body, `"field":"Upload-Checksum"`) {
		t.Error(a.body)
	}
	p.do(t, "GET", at, "").want(t, 405)
	p.do(t, "PUT", "/files/", "").want(t, 405)
}

func TestCORS(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	at := p.create(t, "Upload-Length: 5")
	t.Run("a preflight is answered without credentials", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/files", "/files/", at} {
			a := p.raw(t, "OPTIONS", path, nil, "Origin: "+friend, "Access-Control-Request-Method: PATCH", "Access-Control-Request-Headers: authorization,tus-resumable")
			a.want(t, 204, "Access-Control-Allow-Origin: "+friend, "Access-Control-Allow-Methods: OPTIONS, POST, HEAD, PATCH, DELETE",
				"Access-Control-Allow-Credentials:", "Access-Control-Max-Age: 86400", "Vary: Origin")
			for _, name := range []string{"Authorization", "Content-Type", "Tus-Resumable", "Upload-Length", "Upload-Offset", "Upload-Metadata", "Upload-Defer-Length", "Upload-Concat", "Upload-Checksum", "X-HTTP-Method-Override",
				"Upload-Complete", "Upload-Incomplete", "Upload-Draft-Interop-Version", "Content-Disposition", "Content-Digest", "Repr-Digest"} {
				if !strings.Contains(a.header.Get("Access-Control-Allow-Headers")+",", name+",") {
					t.Errorf("%s may not be sent", name)
				}
			}
		}
	})
	t.Run("every tus header is exposed, in refusals too", func(t *testing.T) {
		t.Parallel()
		origin := "Origin: " + friend
		for _, a := range []answer{
			p.do(t, "POST", "/files/", "", origin, "Upload-Length: 5"), p.do(t, "HEAD", at, "", origin), p.do(t, "HEAD", "/files/x", "", origin),
			p.raw(t, "POST", "/files/", nil, origin), p.raw(t, "POST", "/files/", nil, origin, "Authorization: Bearer wrong"), p.patch(t, at, "9", "a", origin),
			p.patch(t, at, "0", "a", origin, "Content-Encoding: gzip"), p.do(t, "DELETE", at, strings.Repeat("a", 2<<20), origin),
		} {
			for _, name := range []string{"Location", "Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm", "Upload-Offset",
				"Upload-Length", "Upload-Defer-Length", "Upload-Metadata", "Upload-Expires", "Upload-Concat", "Upload-Complete", "Upload-Incomplete", "Upload-Draft-Interop-Version", "Upload-Limit", "Accept-Patch", "Repr-Digest"} {
				if !strings.Contains(a.header.Get("Access-Control-Expose-Headers")+",", name+",") || a.header.Get("Access-Control-Allow-Origin") != friend {
					t.Errorf("%d: %s is not exposed: %v", a.status, name, a.header)
				}
			}
		}
	})
	for _, other := range []string{"https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null", "https://app.example.com:8443"} {
		t.Run("not for "+other, func(t *testing.T) {
			t.Parallel()
			p.raw(t, "OPTIONS", at, nil, "Origin: "+other, "Access-Control-Request-Method: PATCH").
				want(t, 204, "Access-Control-Allow-Origin:", "Access-Control-Allow-Methods:", "Vary: Origin")
			p.do(t, "HEAD", at, "", "Origin: "+other).want(t, 200, "Access-Control-Allow-Origin:", "Access-Control-Expose-Headers:")
		})
	}
}

func TestCORSOfEveryOriginAndOfNone(t *testing.T) {
	t.Parallel()
	every := newPortal(t, func(_ *fiberx.Config, d *tus.Deps) { d.CORSOrigins = []string{"*"} })
	every.raw(t, "OPTIONS", "/files/", nil, "Origin: https://any.example").want(t, 204, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials:")
	every.raw(t, "POST", "/files/", nil, "Origin: https://any.example", "Cookie: doorito_session="+session, "X-CSRF-Token: "+csrf, "Tus-Resumable: 1.0.0", "Upload-Length: 5").want(t, 403)
	none := newPortal(t, func(_ *fiberx.Config, d *tus.Deps) { d.CORSOrigins = nil })
	none.raw(t, "OPTIONS", "/files/", nil, "Origin: "+friend).want(t, 204, "Access-Control-Allow-Origin:", "Vary:")
}

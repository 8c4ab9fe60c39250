package tus_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// The tests of conformance bear the name of their section of the protocol; a
// subtest is one MUST. They run over the real use cases, with every database and storage.

func TestUploadOffset(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		at := p.create(t, "Upload-Length: 10")
		for _, bad := range []string{"-1", "+0", "0x0", "1.0", "a", " 1 2", "0,0"} {
			t.Run("MUST be a non-negative integer: "+bad, func(t *testing.T) {
				p.patch(t, at, bad, "hello").want(t, 400, "Upload-Offset:")
			})
		}
		t.Run("comes once", func(t *testing.T) {
			p.patch(t, at, "0", "hello", "Upload-Offset: 0").want(t, 400)
		})
		p.head(t, at).want(t, 200, "Upload-Offset: 0")
	})
}

func TestUploadLength(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		for _, bad := range []string{"-1", "+5", "5.0", "five", "0x5", "5 ,"} {
			t.Run("MUST be a non-negative integer: "+bad, func(t *testing.T) {
				p.do(t, "POST", "/files/", "", "Upload-Length: "+bad).want(t, 400, "Location:")
			})
		}
		if n := p.uploads(t); n != 0 {
			t.Errorf("%d uploads were made", n)
		}
	})
}

func TestTusVersion(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		t.Run("MUST be a list of the versions, sorted by preference", func(t *testing.T) {
			p.raw(t, "OPTIONS", "/files/", nil).want(t, 204, "Tus-Version: 1.0.0")
		})
	})
}

func TestTusResumable(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		at := p.create(t, "Upload-Length: 5")
		auth := "Authorization: Bearer " + adaToken
		for _, tc := range []struct{ method, path string }{{"POST", "/files/"}, {"HEAD", at}, {"PATCH", at}, {"DELETE", at}} {
			for _, sent := range []string{"Tus-Resumable: 0.2.2", "Tus-Resumable: 1.0.1", "Tus-Resumable: ", "X: no version"} {
				t.Run("MUST answer 412 with Tus-Version and MUST NOT process: "+tc.method+" "+sent, func(t *testing.T) {
					p.raw(t, tc.method, tc.path, nil, auth, sent, "Upload-Length: 5", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream").
						want(t, 412, "Tus-Version: 1.0.0", "Tus-Resumable: 1.0.0", "Upload-Offset:")
				})
			}
		}
		if n := p.uploads(t); n != 1 {
			t.Errorf("%d uploads", n)
		}
		t.Run("MUST be in every response", func(t *testing.T) {
			const v = "Tus-Resumable: 1.0.0"
			p.do(t, "POST", "/files/", "", "Upload-Length: 5").want(t, 201, v)
			p.do(t, "POST", "/files", "", "Upload-Length: 5").want(t, 201, v)
			p.head(t, at).want(t, 200, v)
			p.patch(t, at, "0", "hel").want(t, 204, v)
			p.patch(t, at, "0", "lo").want(t, 409, v)
			p.do(t, "DELETE", at, "").want(t, 204, v)
			p.head(t, "/files/nothing").want(t, 404, v)
			p.do(t, "PUT", at, "").want(t, 405, v)
			p.raw(t, "HEAD", at, nil).want(t, 401, v)
			p.raw(t, "HEAD", at, nil, "Authorization: Bearer wrong").want(t, 401, v)
			p.do(t, "DELETE", at, strings.Repeat("a", 2<<20)).want(t, 413, v)
			p.patch(t, at, "0", "lo", "Content-Encoding: gzip").want(t, 415, v)
		})
	})
}

func TestTusExtensionAndMaxSize(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		t.Run("Tus-Extension MUST be a list of the extensions", func(t *testing.T) {
			p.raw(t, "OPTIONS", "/files", nil).want(t, 204, "Tus-Extension: creation,creation-with-upload,creation-defer-length,expiration,checksum,checksum-trailer,termination,concatenation")
		})
		t.Run("Tus-Max-Size MUST be a non-negative integer", func(t *testing.T) {
			p.raw(t, "OPTIONS", "/files/", nil).want(t, 204, "Tus-Max-Size: 3145728")
		})
	})
}

func TestXHTTPMethodOverride(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		at := p.create(t, "Upload-Length: 5")
		t.Run("MUST be interpreted as the method: PATCH", func(t *testing.T) {
			p.do(t, "POST", at, "hel", "X-HTTP-Method-Override: PATCH", "Content-Type: application/offset+octet-stream", "Upload-Offset: 0").want(t, 204, "Upload-Offset: 3")
		})
		t.Run("the actual method MUST be ignored", func(t *testing.T) {
			p.do(t, "DELETE", at, "", "X-HTTP-Method-Override: HEAD").want(t, 200, "Upload-Offset: 3")
			p.head(t, at).want(t, 200, "Upload-Offset: 3")
		})
		t.Run("MUST be interpreted as the method: DELETE", func(t *testing.T) {
			p.do(t, "POST", at, "", "X-HTTP-Method-Override: DELETE").want(t, 204)
			p.head(t, at).want(t, 410)
		})
		t.Run("dodges no check", func(t *testing.T) {
			at := p.create(t, "Upload-Length: 5")
			cookie := "Cookie: doorito_session=" + session
			as := func(headers ...string) answer {
				return p.raw(t, "GET", at, nil, append(headers, "X-HTTP-Method-Override: DELETE", "Tus-Resumable: 1.0.0")...)
			}
			as().want(t, 401)
			as(cookie).want(t, 403)
			as(cookie, "X-CSRF-Token: "+csrf, "Origin: "+friend).want(t, 403)
			as("Authorization: Bearer "+bobToken).want(t, 404)
			p.raw(t, "POST", at, nil, "X-HTTP-Method-Override: DELETE", "Authorization: Bearer "+adaToken).want(t, 412)
			as(cookie, "X-CSRF-Token: "+csrf).want(t, 204)
		})
	})
}

func TestHEAD(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		at := p.create(t, "Upload-Length: 5")
		t.Run("MUST include Upload-Offset, even 0, and Upload-Length", func(t *testing.T) {
			p.head(t, at).want(t, 200, "Upload-Offset: 0", "Upload-Length: 5", "Upload-Defer-Length:")
		})
		t.Run("MUST prevent caching", func(t *testing.T) {
			p.head(t, at).want(t, 200, "Cache-Control: no-store")
			p.head(t, "/files/0190f0a0-0000-7000-8000-00000000dead").want(t, 404, "Cache-Control: no-store")
		})
		t.Run("MUST include Upload-Offset of a completed upload", func(t *testing.T) {
			p.patch(t, at, "0", "hello").want(t, 204)
			p.head(t, at).want(t, 200, "Upload-Offset: 5", "Upload-Length: 5", "Cache-Control: no-store", "Upload-Expires:")
		})
		t.Run("SHOULD answer 404 without Upload-Offset when there is nothing", func(t *testing.T) {
			for _, id := range []string{"0190f0a0-0000-7000-8000-00000000dead", "x", "..%2f..%2fetc", "0190f0a000007000800000000000dead0000"} {
				p.head(t, "/files/"+id).want(t, 404, "Upload-Offset:")
			}
		})
	})
}

func TestPATCH(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		t.Run("MUST use Content-Type: application/offset+octet-stream", func(t *testing.T) {
			at := p.create(t, "Upload-Length: 5")
			for _, kind := range []string{"Content-Type: application/octet-stream", "Content-Type: multipart/form-data; boundary=x", "X: none"} {
				p.do(t, "PATCH", at, "hello", "Upload-Offset: 0", kind).want(t, 415)
			}
			p.head(t, at).want(t, 200, "Upload-Offset: 0")
		})
		t.Run("Upload-Offset MUST be equal to the current offset, else 409 without modifying", func(t *testing.T) {
			at := p.create(t, "Upload-Length: 10")
			p.patch(t, at, "0", "hello").want(t, 204)
			for _, wrong := range []string{"0", "4", "6", "10", "99999999999999999999999"} {
				p.patch(t, at, wrong, "world").want(t, 409)
			}
			p.head(t, at).want(t, 200, "Upload-Offset: 5")
			p.patch(t, at, "5", "world").want(t, 204, "Upload-Offset: 10")
			p.wantStored(t, at, "helloworld")
		})
		t.Run("MUST be acknowledged with 204 and the new offset, the sum of the old one and the bytes", func(t *testing.T) {
			at := p.create(t, "Upload-Length: 10")
			p.patch(t, at, "0", "hello").want(t, 204, "Upload-Offset: 5")
			p.patch(t, at, "5", "").want(t, 204, "Upload-Offset: 5")
			p.patch(t, at, "5", "world").want(t, 204, "Upload-Offset: 10")
			p.wantStored(t, at, "helloworld")
		})
		t.Run("no more bytes than the length", func(t *testing.T) {
			at := p.create(t, "Upload-Length: 3")
			p.patch(t, at, "0", "hello").want(t, 413)
			p.head(t, at).want(t, 200, "Upload-Offset: 0")
		})
		t.Run("SHOULD answer 404 when there is nothing", func(t *testing.T) {
			p.patch(t, "/files/0190f0a0-0000-7000-8000-00000000dead", "0", "hello").want(t, 404)
		})
		t.Run("Upload-Offset is needed", func(t *testing.T) {
			at := p.create(t, "Upload-Length: 3")
			p.do(t, "PATCH", at, "abc", "Content-Type: application/offset+octet-stream").want(t, 400)
		})
		t.Run("takes chunks", func(t *testing.T) {
			at := p.create(t, "Upload-Length: 5")
			p.raw(t, "PATCH", at, struct{ *strings.Reader }{strings.NewReader("hello")}, "Authorization: Bearer "+adaToken, "Tus-Resumable: 1.0.0",
				"Content-Type: application/offset+octet-stream", "Upload-Offset: 0").want(t, 204, "Upload-Offset: 5")
		})
	})
}

func TestOPTIONS(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		at := p.create(t, "Upload-Length: 3")
		for _, path := range []string{"/files", "/files/", at} {
			t.Run("MUST contain Tus-Version and MUST ignore Tus-Resumable: "+path[:6], func(t *testing.T) {
				p.raw(t, "OPTIONS", path, nil).want(t, 204, "Tus-Version: 1.0.0", "Tus-Resumable: 1.0.0")
				p.raw(t, "OPTIONS", path, nil, "Tus-Resumable: 0.2.2").want(t, 204, "Tus-Version: 1.0.0", "Tus-Checksum-Algorithm: sha1,sha256")
			})
		}
	})
}

func TestExpiration(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		inADay := func() string { return p.clock.Now().Add(ttl).Format(http.TimeFormat) }
		var at string
		t.Run("MUST be in the POST response, in RFC 7231 format", func(t *testing.T) {
			a := p.do(t, "POST", "/files/", "", "Upload-Length: 9")
			a.want(t, 201, "Upload-Expires: "+inADay())
			at = a.header.Get("Location")
		})
		t.Run("MUST be in every PATCH response", func(t *testing.T) {
			p.clock.Advance(time.Hour)
			p.patch(t, at, "0", "abc").want(t, 204, "Upload-Expires: "+inADay())
			p.head(t, at).want(t, 200, "Upload-Expires: "+inADay())
		})
		t.Run("SHOULD answer 410 after", func(t *testing.T) {
			p.clock.Advance(25 * time.Hour)
			p.head(t, at).want(t, 410, "Upload-Offset:")
			p.patch(t, at, "3", "def").want(t, 410)
		})
		t.Run("not of a finished upload", func(t *testing.T) {
			at := p.create(t, "Upload-Length: 3")
			p.patch(t, at, "0", "abc").want(t, 204, "Upload-Expires:")
		})
	})
}

func TestTermination(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		t.Run("DELETE MUST be answered with 204, later requests with 404 or 410", func(t *testing.T) {
			at := p.create(t, "Upload-Length: 5")
			p.patch(t, at, "0", "hel").want(t, 204)
			p.do(t, "DELETE", at, "").want(t, 204)
			p.head(t, at).want(t, 410, "Upload-Offset:")
			p.patch(t, at, "3", "lo").want(t, 410)
			p.do(t, "DELETE", at, "").want(t, 410)
		})
		t.Run("of a completed upload too", func(t *testing.T) {
			at := p.create(t, "Upload-Length: 5")
			p.patch(t, at, "0", "hello").want(t, 204)
			p.do(t, "DELETE", at, "").want(t, 204)
			p.head(t, at).want(t, 410)
			p.patch(t, at, "5", "more").want(t, 410)
			p.do(t, "DELETE", at, "").want(t, 410)
		})
		t.Run("of nothing", func(t *testing.T) {
			p.do(t, "DELETE", "/files/0190f0a0-0000-7000-8000-00000000dead", "").want(t, 404)
		})
	})
}

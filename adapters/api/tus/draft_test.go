package tus_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"doorito/adapters/api/tus"
	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/e2e/world"
)

// The tests of "Resumable Uploads for HTTP" bear the name of a section of the
// draft; they run over the real use cases, in every version that differs.

func TestUploadCreation(t *testing.T) {
	t.Parallel()
	eachDraft(t, func(t *testing.T, d draft) {
		t.Run("in one request", func(t *testing.T) {
			a, told := d.traced(t, "POST", "/files/", strings.NewReader("hello"), d.complete(true), "Content-Type: text/plain",
				`Content-Disposition: inline; filename="x.txt"; filename*=UTF-8''gr%C3%BC%C3%9Fe.txt`)
			a.want(t, 201, d.complete(true), "Upload-Offset: 5", "Tus-Resumable:")
			f := stored(t, d.w, d.actor, "grüße.txt")
			wantContent(t, f, "hello")
			if f.Metadata["filetype"] != "text/plain" {
				t.Error(f.Metadata)
			}
			if d.version == 0 {
				if len(told) > 0 {
					t.Errorf("MUST NOT send 104 when no version is named: %v", told)
				}
				return
			}
			if len(told) == 0 || told[0].code != 104 || told[0].header.Get("Location") != a.header.Get("Location") ||
				told[0].header.Get("Upload-Draft-Interop-Version") != fmt.Sprint(d.version) || (told[0].header.Get("Upload-Limit") != "") != d.since(6) {
				t.Errorf("104 MUST have Location, the version and the limits: %v", told)
			}
			if progress := len(told) > 1; progress != d.since(5) || progress && (told[1].header.Get("Upload-Offset") != "5" || told[1].header.Get("Location") != "") {
				t.Errorf("104 tells the offset from 5 on: %v", told)
			}
			d.at(t, a.header.Get("Location"), 5, true)
		})
		t.Run("with the first bytes", func(t *testing.T) {
			a := d.send(t, "POST", "/files/", "hel", d.complete(false), "Upload-Metadata: filename "+b64("parts.txt"))
			a.want(t, 201, d.complete(false), "Upload-Offset: 3")
			at := a.header.Get("Location")
			d.at(t, at, 3, false, "Upload-Length:")
			d.append(t, at, 3, true, "lo").want(t, 201, d.complete(true), "Upload-Offset: 5")
			d.at(t, at, 5, true, "Upload-Length: 5")
			wantContent(t, stored(t, d.w, d.actor, "parts.txt"), "hello")
		})
		t.Run("of nothing", func(t *testing.T) {
			d.send(t, "POST", "/files/", "", d.complete(true), `Content-Disposition: inline; filename=empty.txt`).want(t, 201, d.complete(true), "Upload-Offset: 0")
			wantContent(t, stored(t, d.w, d.actor, "empty.txt"), "")
		})
		t.Run("in chunks, of a length nobody knew", func(t *testing.T) {
			a := d.raw(t, "POST", "/files/", struct{ io.Reader }{strings.NewReader("hello")}, append(d.marks(), d.complete(true), `Content-Disposition: inline; filename=chunks.txt`)...)
			a.want(t, 201, d.complete(true), "Upload-Offset: 5")
			wantContent(t, stored(t, d.w, d.actor, "chunks.txt"), "hello")
		})
		t.Run("needs to say whether it is complete", func(t *testing.T) {
			for _, bad := range []string{"X: none", d.complete(true)[:len(d.complete(true))-2] + "1", d.complete(true) + "x", d.complete(true) + ", ?1"} {
				if a := d.send(t, "POST", "/files/", "hello", bad); a.status != 400 && a.status != 412 {
					t.Errorf("%s: %d", bad, a.status)
				}
			}
		})
		t.Run("the same Idempotency-Key makes one", func(t *testing.T) {
			first := d.send(t, "POST", "/files/", "hel", d.complete(false), "Idempotency-Key: k")
			d.send(t, "POST", "/files/", "hel", d.complete(false), "Idempotency-Key: k").
				want(t, 201, "Location: "+first.header.Get("Location"), "Upload-Offset: 3", d.complete(false), "Idempotent-Replayed: true")
		})
	})
}

func TestUploadLengthOfTheDraft(t *testing.T) {
	t.Parallel()
	eachDraft(t, func(t *testing.T, d draft) {
		t.Run("indicators MUST match", func(t *testing.T) {
			d.send(t, "POST", "/files/", "hello", d.complete(true), "Upload-Length: 6").want(t, 400)
			at := d.start(t, "Upload-Length: 10")
			d.append(t, at, 0, true, "hello").want(t, 400, "Upload-Offset: 0")
			d.append(t, at, 0, false, "hello", "Upload-Length: 11").problem(t, "inconsistent-upload-length")
			d.append(t, at, 0, false, "hello world").problem(t, "inconsistent-upload-length")
			d.at(t, at, 0, false, "Upload-Length: 10")
		})
		t.Run("does not complete an upload", func(t *testing.T) {
			at := d.start(t, "Upload-Length: 5", `Content-Disposition: inline; filename=held.txt`)
			status := 204
			if !d.since(7) {
				status = 201
			}
			d.append(t, at, 0, false, "hello").want(t, status, d.complete(false), "Upload-Offset: 5")
			d.at(t, at, 5, false, "Upload-Length: 5")
			if f := stored(t, d.w, d.actor, "held.txt"); f.Status != domain.FileUploading {
				t.Error(f.Status)
			}
			d.append(t, at, 5, true, "").want(t, 201, d.complete(true))
			wantContent(t, stored(t, d.w, d.actor, "held.txt"), "hello")
		})
		t.Run("may come later, once", func(t *testing.T) {
			at := d.start(t)
			d.append(t, at, 0, false, "hello", "Upload-Length: 10").want(t, map[bool]int{true: 204, false: 201}[d.since(7)])
			d.at(t, at, 5, false, "Upload-Length: 10")
			d.append(t, at, 5, true, "world", "Upload-Length: 10").want(t, 201, d.complete(true))
		})
		t.Run("an end that comes early is no end", func(t *testing.T) {
			at := d.start(t, "Upload-Length: 10")
			headers := append(d.marks(), d.complete(true), "Upload-Offset: 0", "Content-Type: application/partial-upload")
			d.raw(t, "PATCH", at, struct{ io.Reader }{strings.NewReader("hello")}, headers...).want(t, 400, "Upload-Offset: 5")
			d.at(t, at, 5, false)
			d.append(t, at, 5, true, "world").want(t, 201, d.complete(true))
		})
		t.Run("MUST NOT be exceeded, whatever Content-Length says", func(t *testing.T) {
			at := d.start(t, "Upload-Length: 3")
			headers := append(d.marks(), d.complete(false), "Upload-Offset: 0", "Content-Type: application/partial-upload")
			a := d.raw(t, "PATCH", at, struct{ io.Reader }{strings.NewReader("hello")}, headers...)
			a.want(t, 400)
			a.problem(t, "inconsistent-upload-length")
			if d.since(7) { // and the upload becomes invalid
				d.send(t, "HEAD", at, "", d.hint()...).want(t, 410)
				return
			}
			d.at(t, at, 0, false)
		})
		t.Run("over the limit is 413 with the limits", func(t *testing.T) {
			a := d.send(t, "POST", "/files/", "", d.complete(false), fmt.Sprint("Upload-Length: ", 65<<20))
			a.want(t, 413, "Location:")
			if d.since(6) {
				a.want(t, 413, fmt.Sprint("Upload-Limit: max-size=", 64<<20))
			}
		})
	})
}

func TestUploadAppend(t *testing.T) {
	t.Parallel()
	eachDraft(t, func(t *testing.T, d draft) {
		t.Run("another offset MUST be 409 with the right one", func(t *testing.T) {
			at := d.start(t)
			d.append(t, at, 0, false, "hello")
			for _, wrong := range []int{0, 4, 6} {
				a := d.append(t, at, wrong, false, "world")
				a.want(t, 409, "Upload-Offset: 5")
				if p := a.problem(t, "mismatching-upload-offset"); p["expected-offset"] != 5.0 || p["provided-offset"] != float64(wrong) {
					t.Error(a.body)
				}
			}
			d.at(t, at, 5, false)
		})
		t.Run("a complete upload MUST NOT change", func(t *testing.T) {
			at := d.send(t, "POST", "/files/", "hello", d.complete(true)).header.Get("Location")
			kind := "completed-upload"
			if d.since(8) {
				kind = "inconsistent-upload-length"
			}
			a := d.append(t, at, 5, true, "more")
			a.want(t, 400, d.complete(true), "Upload-Offset: 5")
			a.problem(t, kind)
			d.append(t, at, 5, true, "").problem(t, "completed-upload")
			d.at(t, at, 5, true)
		})
		t.Run("needs offset and, from 6 on, its type", func(t *testing.T) {
			at := d.start(t)
			for _, bad := range []string{"-1", "1.0", "x", "?1", "1;a=b, 2", "9999999999999999"} {
				if a := d.send(t, "PATCH", at, "hello", "Upload-Offset: "+bad, d.complete(false), "Content-Type: application/partial-upload"); a.status != 400 {
					t.Errorf("%s: %d", bad, a.status)
				}
			}
			status := 415
			if !d.since(6) {
				status = 201
			}
			d.send(t, "PATCH", at, "hello", "Upload-Offset: 0;note=1", d.complete(false), "Content-Type: application/octet-stream").want(t, status)
		})
		t.Run("needs to say from 7 on whether it is complete, before that it is", func(t *testing.T) {
			at := d.start(t)
			a := d.send(t, "PATCH", at, "hello", "Upload-Offset: 0", "Content-Type: application/partial-upload")
			if d.since(7) {
				a.want(t, 400)
				return
			}
			a.want(t, 201, d.complete(true), "Upload-Offset: 5")
		})
		t.Run("to another's upload is 404", func(t *testing.T) {
			other, _ := portalOf(t, world.NewOnDisk(t, world.SQLite(t)))
			stranger := draft{portal: other, version: d.version}
			at := d.start(t)
			stranger.append(t, at, 0, true, "hello").want(t, 404)
			stranger.send(t, "HEAD", at, "", stranger.hint()...).want(t, 404, "Upload-Offset:")
			stranger.send(t, "DELETE", at, "", stranger.hint()...).want(t, 404)
			d.at(t, at, 0, false)
		})
	})
}

func TestUploadCancellation(t *testing.T) {
	t.Parallel()
	eachDraft(t, func(t *testing.T, d draft) {
		at := d.start(t)
		d.append(t, at, 0, false, "hello")
		if !d.since(7) {
			d.send(t, "DELETE", at, "", "Upload-Offset: 5").want(t, 400)
			d.send(t, "DELETE", at, "", d.complete(false)).want(t, 400)
			d.send(t, "HEAD", at, "", "Upload-Offset: 5").want(t, 400)
			d.at(t, at, 5, false)
		}
		d.send(t, "DELETE", at, "").want(t, 204)
		gone := 404
		if d.since(7) {
			gone = 410
		}
		d.send(t, "HEAD", at, "", d.hint()...).want(t, gone, "Upload-Offset:")
		d.append(t, at, 5, true, "world").want(t, gone)
		d.send(t, "DELETE", at, "", d.hint()...).want(t, gone)
	})
}

func TestUploadLimit(t *testing.T) {
	t.Parallel()
	eachDraft(t, func(t *testing.T, d draft) {
		a := d.send(t, "POST", "/files/", "", d.complete(false))
		want := map[int]string{6: "expires=86400"}[d.version]
		if d.since(7) {
			want = "max-age=86400"
		}
		if want != "" {
			want = fmt.Sprint("max-size=", 64<<20, ", ", want)
		}
		a.want(t, 201, "Upload-Limit: "+want)
		d.at(t, a.header.Get("Location"), 0, false, "Upload-Limit: "+want)
		d.raw(t, "OPTIONS", "/files/", nil).want(t, 204, fmt.Sprint("Upload-Limit: max-size=", 64<<20), "Accept-Patch: application/partial-upload, application/offset+octet-stream")
	})
	unlimited := newPortal(t, func(_ *fiberx.Config, deps *tus.Deps) { deps.MaxSize = 0 })
	unlimited.raw(t, "OPTIONS", "/files/", nil).want(t, 204, "Upload-Limit: min-size=0")
}

func TestDraftVersionIdentification(t *testing.T) {
	t.Parallel()
	w := world.NewOnDisk(t, world.SQLite(t))
	p, a := portalOf(t, w)
	t.Run("104 MUST NOT be sent to a version that is not ours", func(t *testing.T) {
		for _, v := range []string{"2", "9", "1000", "x", "6.0", "?1"} {
			got, told := draft{portal: p}.traced(t, "POST", "/files/", strings.NewReader("hello"), "Upload-Complete: ?1", "Upload-Draft-Interop-Version: "+v)
			got.want(t, 201, "Upload-Complete: ?1", "Upload-Draft-Interop-Version:")
			if len(told) > 0 {
				t.Errorf("%s: %v", v, told)
			}
		}
	})
	t.Run("Tus-Resumable decides for tus, which some systems' uploads carry beside", func(t *testing.T) {
		ios := []string{"Upload-Draft-Interop-Version: 6", "Upload-Complete: ?1"}
		at := p.create(t, append(ios, "Upload-Length: 5", "Upload-Metadata: filename "+b64("tus.txt"))...)
		p.patch(t, at, "0", "hel", ios...).want(t, 204, "Upload-Offset: 3", "Tus-Resumable: 1.0.0")
		p.patch(t, at, "3", "lo", ios...).want(t, 204, "Upload-Offset: 5", "Upload-Complete:")
		wantContent(t, stored(t, w, a, "tus.txt"), "hello")
	})
	t.Run("one protocol goes on where the other was", func(t *testing.T) {
		at := p.create(t, "Upload-Length: 10", "Upload-Metadata: filename "+b64("both.txt"))
		p.patch(t, at, "0", "hello").want(t, 204)
		d := draft{p, 6, w, a}
		d.at(t, at, 5, false, "Upload-Length: 10")
		d.append(t, at, 5, true, "world").want(t, 201, "Upload-Complete: ?1")
		p.head(t, at).want(t, 200, "Upload-Offset: 10", "Upload-Length: 10")
		wantContent(t, stored(t, w, a, "both.txt"), "helloworld")
		p.raw(t, "HEAD", at, nil, "Authorization: Bearer x").want(t, 412) // made by tus, so it is spoken
	})
}

func TestIntegrityDigests(t *testing.T) {
	t.Parallel()
	w := world.NewOnDisk(t, world.SQLite(t))
	p, a := portalOf(t, w)
	d := draft{p, 8, w, a}
	field := func(sum string) string { return "sha-256=:" + sum + ":" }
	t.Run("content that does not match is not appended", func(t *testing.T) {
		at := d.start(t)
		d.append(t, at, 0, false, "hello", "Content-Digest: "+field(sha256of("Hello"))).want(t, 400, "Upload-Offset: 0")
		d.append(t, at, 0, false, "hello", "Content-Digest: sha-256=:AAAA:").want(t, 400)
		d.append(t, at, 0, false, "hello", "Content-Digest: md5=:AAAA:, "+field(sha256of("hello"))).want(t, 204, "Upload-Offset: 5")
		d.append(t, at, 5, true, "world", "Content-Digest: unknown=:AAAA:").want(t, 201, "Upload-Offset: 10")
	})
	t.Run("a representation that does not match is no file, and the answer tells that it was all here", func(t *testing.T) {
		d.send(t, "POST", "/files/", "hello", d.complete(true), "Repr-Digest: "+field(sha256of("hello")), "Want-Repr-Digest: sha-256=1").
			want(t, 201, "Repr-Digest: "+field(sha256of("hello")))
		d.send(t, "POST", "/files/", "hello", d.complete(true), "Repr-Digest: "+field(sha256of("Hello"))).want(t, 400, "Upload-Complete: ?1")
	})
}

// TestConcurrency: an offset that was told is taken, though the connection that
// sent the bytes before it is still there.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	eachDraft(t, func(t *testing.T, d draft) {
		text := bytes.Repeat([]byte("0123456789"), 60_000)
		at := d.start(t, fmt.Sprint("Upload-Length: ", len(text)), `Content-Disposition: inline; filename=taken.txt`)
		marks := append(d.marks(), d.complete(true), "Content-Type: application/partial-upload")
		hung := d.beginAs(t, "PATCH", at, len(text), append(marks, "Upload-Offset: 0")...)
		hung.send(t, string(text[:len(text)/2]))
		world.Eventually(t, "some bytes are durable", func() bool { return d.head(t, at).header.Get("Upload-Offset") != "0" })
		there, err := strconv.Atoi(d.send(t, "HEAD", at, "").header.Get("Upload-Offset"))
		if err != nil || there == 0 {
			t.Fatal(there, err)
		}
		d.append(t, at, there, true, string(text[there:])).want(t, 201, d.complete(true))
		hung.send(t, string(text[len(text)/2:]))
		if st := hung.status(t); st != 409 && st != 400 {
			t.Errorf("the one that was taken over heard %d", st)
		}
		wantContent(t, stored(t, d.w, d.actor, "taken.txt"), string(text))
	})
}

// TestInterruptedCreation: who heard 104 goes on after the connection broke.
func TestInterruptedCreation(t *testing.T) {
	t.Parallel()
	world.EachStaged(t, func(t *testing.T, w *world.World) {
		p, a := portalOf(t, w)
		for _, v := range []int{3, 4, 5, 6, 7, 8} {
			d := draft{p, v, w, a}
			name := fmt.Sprintf("broken-%d.txt", v)
			text := strings.Repeat("hello world\n", 20_000)
			b := d.beginAs(t, "POST", "/files/", len(text), append(d.marks(), d.complete(true), "Content-Disposition: inline; filename="+name)...)
			b.send(t, text[:70_000])
			res, err := http.ReadResponse(b.r, nil)
			if err != nil || res.StatusCode != 104 || res.Header.Get("Upload-Draft-Interop-Version") != fmt.Sprint(v) {
				t.Fatalf("%v %v", res, err)
			}
			at := res.Header.Get("Location")
			b.Close()
			d.reach(t, at, 70_000)
			d.at(t, at, 70_000, false, fmt.Sprint("Upload-Length: ", len(text)))
			d.append(t, at, 70_000, true, text[70_000:]).want(t, 201, d.complete(true), fmt.Sprint("Upload-Offset: ", len(text)))
			wantContent(t, stored(t, w, a, name), text)
		}
	})
}

func TestNobodySpeaksTheDraftWithoutCredentials(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	cookie := "Cookie: doorito_session=" + session
	marks := []string{"Upload-Draft-Interop-Version: 6", "Upload-Complete: ?0"}
	for name, tc := range map[string]struct {
		headers []string
		status  int
	}{
		"nobody": {nil, 401}, "a session without its token": {[]string{cookie}, 403}, "a session with it": {[]string{cookie, "X-CSRF-Token: " + csrf}, 201},
		"a friend's page with our session": {[]string{cookie, "X-CSRF-Token: " + csrf, "Origin: " + friend}, 403}, "who may only read": {[]string{"Authorization: Bearer " + readToken}, 403},
		"as an overridden GET": {[]string{"X-HTTP-Method-Override: POST"}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.raw(t, "POST", "/files/", nil, slices.Concat(tc.headers, marks)...).want(t, tc.status)
		})
	}
}

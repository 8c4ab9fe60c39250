package tus_test

import (
	"strings"
	"testing"
)

func TestConcatenation(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		partial := func(text string) string {
			at := p.create(t, "Upload-Concat: partial", "Upload-Length: 5", "Upload-Metadata: of_part "+b64("x"))
			p.patch(t, at, "0", text).want(t, 204)
			return at
		}
		a, b := partial("hello"), partial("world")
		t.Run("a partial makes no file", func(t *testing.T) {
			if f, _ := p.file(t, a); f != nil {
				t.Error("it made one")
			}
		})
		t.Run("HEAD of a partial MUST contain Upload-Offset and Upload-Concat", func(t *testing.T) {
			p.head(t, a).want(t, 200, "Upload-Offset: 5", "Upload-Length: 5", "Upload-Concat: partial")
		})
		list := "final;" + p.url + b + " " + a
		final := p.create(t, "Upload-Concat: "+list, "Upload-Metadata: filename "+b64("joined.txt"))
		t.Run("MUST be concatenated in the order of the list, metadata SHALL NOT be transferred", func(t *testing.T) {
			p.wantStored(t, final, "worldhello")
			if f, _ := p.file(t, final); f.OriginalFilename != "joined.txt" || len(f.Metadata) != 0 {
				t.Errorf("%+v", f)
			}
		})
		t.Run("HEAD of a final MUST have equal Upload-Offset and Upload-Length, the sum, and Upload-Concat as received", func(t *testing.T) {
			p.head(t, final).want(t, 200, "Upload-Offset: 10", "Upload-Length: 10", "Upload-Concat: "+list)
		})
		t.Run("PATCH of a final MUST be answered with 403 and MUST NOT modify", func(t *testing.T) {
			p.patch(t, final, "10", "more").want(t, 403)
			p.patch(t, final, "10", "more", "Upload-Length: 14").want(t, 403)
			p.patch(t, final, "0", "more").want(t, 403)
			p.head(t, final).want(t, 200, "Upload-Offset: 10")
			p.head(t, a).want(t, 200, "Upload-Offset: 5")
		})
		t.Run("partials may be used again", func(t *testing.T) {
			at := p.create(t, "Upload-Concat: final;"+strings.TrimPrefix(a, "/files/")+" "+a)
			p.wantStored(t, at, "hellohello")
		})
		t.Run("the client MUST NOT include Upload-Length in a final", func(t *testing.T) {
			p.do(t, "POST", "/files/", "", "Upload-Concat: final;"+a, "Upload-Length: 5").want(t, 400)
			p.do(t, "POST", "/files/", "", "Upload-Concat: final;"+a, "Upload-Defer-Length: 1").want(t, 400)
		})
		t.Run("a final takes no bytes", func(t *testing.T) {
			p.do(t, "POST", "/files/", "hello", "Upload-Concat: final;"+a, "Content-Type: application/offset+octet-stream").want(t, 403)
		})
		t.Run("a partial needs its length", func(t *testing.T) {
			p.do(t, "POST", "/files/", "", "Upload-Concat: partial").want(t, 400)
		})
		unfinished := p.create(t, "Upload-Concat: partial", "Upload-Length: 5")
		whole := p.create(t, "Upload-Length: 0")
		others := p.raw(t, "POST", "/files/", nil, "Authorization: Bearer "+bobToken, "Tus-Resumable: 1.0.0", "Upload-Length: 0", "Upload-Concat: partial").header.Get("Location")
		for name, tc := range map[string]struct {
			value  string
			status int
		}{
			"unfinished, which is not announced": {"final;" + a + " " + unfinished, 409}, "no partial": {"final;" + whole, 409}, "a final": {"final;" + final, 409},
			"another user's": {"final;" + a + " " + others, 404}, "nothing": {"final;/files/0190f0a0-0000-7000-8000-00000000dead", 404},
			"no list": {"final;", 400}, "no semicolon": {"final", 400}, "two spaces": {"final;" + a + "  " + b, 400}, "elsewhere": {"final;/other" + strings.TrimPrefix(a, "/files"), 400},
			"out of it": {"final;" + a + "/../../x", 400}, "no id": {"final;/files/1", 400}, "a word": {"Partial", 400}, "with a query": {"final;" + a + "?x=1", 201},
		} {
			t.Run("Upload-Concat MUST be partial or final; with a list of partials: "+name, func(t *testing.T) {
				p.do(t, "POST", "/files/", "", "Upload-Concat: "+tc.value).want(t, tc.status)
			})
		}
	})
}

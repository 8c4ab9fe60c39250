package tus_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestCreation(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		t.Run("MUST be acknowledged with 201 and Location", func(t *testing.T) {
			a := p.do(t, "POST", "/files/", "", "Upload-Length: 5")
			a.want(t, 201, "Upload-Offset:")
			if l := a.header.Get("Location"); !strings.HasPrefix(l, "/files/") || len(l) != len("/files/")+36 {
				t.Errorf("Location %q", l)
			}
		})
		t.Run("MUST include Upload-Length or Upload-Defer-Length", func(t *testing.T) {
			p.do(t, "POST", "/files/", "").want(t, 400)
			p.do(t, "POST", "/files/", "", "Upload-Length: 5", "Upload-Defer-Length: 1").want(t, 400)
			p.do(t, "POST", "/files/", "", "Upload-Length: 5", "Upload-Length: 6").want(t, 400)
		})
		t.Run("over Tus-Max-Size MUST be answered with 413", func(t *testing.T) {
			p.do(t, "POST", "/files/", "", "Upload-Length: 3145728").want(t, 201)
			p.do(t, "POST", "/files/", "", "Upload-Length: 3145729").want(t, 413, "Location:")
			p.do(t, "POST", "/files/", "", "Upload-Length: 99999999999999999999").want(t, 413)
		})
		t.Run("an empty upload is whole at once", func(t *testing.T) {
			p.wantStored(t, p.create(t, "Upload-Length: 0"), "")
		})
		t.Run("the same Idempotency-Key makes one upload", func(t *testing.T) {
			first := p.create(t, "Upload-Length: 5", "Idempotency-Key: k1")
			p.patch(t, first, "0", "hel").want(t, 204)
			p.do(t, "POST", "/files/", "hello", "Upload-Length: 5", "Idempotency-Key: k1", "Content-Type: application/offset+octet-stream").
				want(t, 201, "Location: "+first, "Upload-Offset: 3", "Idempotent-Replayed: true")
		})
	})
}

func TestUploadDeferLength(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		t.Run("MUST be 1", func(t *testing.T) {
			for _, bad := range []string{"0", "true", "2", "11"} {
				p.do(t, "POST", "/files/", "", "Upload-Defer-Length: "+bad).want(t, 400)
			}
		})
		at := p.create(t, "Upload-Defer-Length: 1")
		t.Run("MUST be in all HEAD responses while the length is not known", func(t *testing.T) {
			p.head(t, at).want(t, 200, "Upload-Defer-Length: 1", "Upload-Length:", "Upload-Offset: 0")
			p.patch(t, at, "0", "hello").want(t, 204)
			p.head(t, at).want(t, 200, "Upload-Defer-Length: 1", "Upload-Length:", "Upload-Offset: 5")
		})
		t.Run("a refused PATCH MUST NOT modify the upload, its length included", func(t *testing.T) {
			p.patch(t, at, "4", "world", "Upload-Length: 10").want(t, 409)
			p.patch(t, at, "5", "world", "Upload-Length: 10", "Upload-Checksum: sha1 "+sha1of("other")).want(t, 460)
			p.patch(t, at, "5", "world", "Upload-Length: 4").want(t, 400)
			p.patch(t, at, "5", "world", "Upload-Length: 9").want(t, 413)
			p.patch(t, at, "5", "world", "Upload-Length: 3145729").want(t, 413)
			p.head(t, at).want(t, 200, "Upload-Defer-Length: 1", "Upload-Offset: 5")
		})
		t.Run("MUST be omitted once the length is known, which MUST NOT be changed", func(t *testing.T) {
			p.patch(t, at, "5", "wor", "Upload-Length: 10").want(t, 204, "Upload-Offset: 8")
			p.head(t, at).want(t, 200, "Upload-Defer-Length:", "Upload-Length: 10")
			p.patch(t, at, "8", "ld", "Upload-Length: 11").want(t, 409)
			p.patch(t, at, "8", "ld", "Upload-Length: 10").want(t, 204, "Upload-Offset: 10")
			p.wantStored(t, at, "helloworld")
		})
		t.Run("the length may come last, without a byte", func(t *testing.T) {
			at := p.create(t, "Upload-Defer-Length: 1")
			p.patch(t, at, "0", "hello").want(t, 204)
			p.patch(t, at, "5", "", "Upload-Length: 5").want(t, 204, "Upload-Offset: 5")
			p.wantStored(t, at, "hello")
		})
		t.Run("chunks end where the length does", func(t *testing.T) {
			at := p.create(t, "Upload-Defer-Length: 1")
			p.raw(t, "PATCH", at, struct{ *strings.Reader }{strings.NewReader("hello")}, "Authorization: Bearer "+adaToken, "Tus-Resumable: 1.0.0",
				"Content-Type: application/offset+octet-stream", "Upload-Offset: 0", "Upload-Length: 3").want(t, 413)
			p.head(t, at).want(t, 200, "Upload-Defer-Length: 1")
		})
	})
}

func TestUploadMetadata(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		for name, bad := range map[string]string{
			"the key MUST NOT be empty": ",a " + b64("x"), "keys MUST be unique": "a " + b64("x") + ",a " + b64("y"), "the value MUST be Base64": "filename report.pdf",
			"with its padding": "filename eA", "no spaces in keys": "file name eA==", "no tab": "file\tname", "keys of ASCII": "näme eA==", "no empty pair": "a eA==,,b eA==", "no comma at the end": "a eA==,",
			"url-safe is another alphabet": "a _-8=", "a space after the comma": "a eA==, b eA==", "no spare bits": "a eB==", "no text": "a " + b64("\xff\xfe"), "no NUL": "a " + b64("x\x00y"), "hash": "sha256 " + b64("abc"),
		} {
			t.Run(name, func(t *testing.T) {
				p.do(t, "POST", "/files/", "", "Upload-Length: 5", "Upload-Metadata: "+bad).want(t, 400, "Location:")
			})
		}
		t.Run("comes once", func(t *testing.T) {
			p.do(t, "POST", "/files/", "", "Upload-Length: 5", "Upload-Metadata: a", "Upload-Metadata: b").want(t, 400)
		})
		t.Run("MUST be in HEAD responses as the client specified it", func(t *testing.T) {
			for _, sent := range []string{"filename " + b64("wörld.pdf") + ",is_confidential,zeta " + b64("1") + ",alpha", "b", "a ,b", "name " + b64("x\r\nSet-Cookie: y=z")} {
				a := p.do(t, "POST", "/files/", "", "Upload-Length: 5", "Upload-Metadata: "+sent)
				if strings.HasPrefix(sent, "name ") { // a name with a line end is no name, and never a header
					a.want(t, 400, "Set-Cookie:")
					continue
				}
				a.want(t, 201)
				p.head(t, a.header.Get("Location")).want(t, 200, "Upload-Metadata: "+sent)
			}
		})
		t.Run("none is none", func(t *testing.T) {
			p.head(t, p.create(t, "Upload-Length: 5", "Upload-Metadata: ")).want(t, 200, "Upload-Metadata:")
		})
	})
}

func TestMetadataDescribesTheFile(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	const batch = "0190f0a0-0000-7000-8000-0000000000ba"
	hex := strings.Repeat("aB", 32)
	for name, tc := range map[string]struct {
		sent   map[string]string
		file   string
		folder string
	}{
		"nothing":                 {nil, "upload", ""},
		"filename":                {map[string]string{"filename": "a b.pdf", "name": "other"}, "a b.pdf", ""},
		"name":                    {map[string]string{"name": "../../etc/a.pdf"}, "a.pdf", ""},
		"an empty filename":       {map[string]string{"filename": "", "name": "a"}, "a", ""},
		"a relative path":         {map[string]string{"relativePath": "in/../box/sub/a.pdf", "name": "a.pdf"}, "a.pdf", "in/box/sub"},
		"no folder":               {map[string]string{"relativePath": "a.pdf", "name": "a.pdf"}, "a.pdf", ""},
		"Uppy without a folder":   {map[string]string{"relativePath": "null", "name": "a.pdf"}, "a.pdf", ""},
		"a folder by itself":      {map[string]string{"path": "/in/box/", "name": "a.pdf"}, "a.pdf", "in/box"},
		"everything":              {map[string]string{"name": "a", "type": "text/plain", "batch": batch, "sha256": hex, "order": "17", "empty": ""}, "a", ""},
		"filetype":                {map[string]string{"name": "a", "filetype": "text/plain"}, "a", ""},
		"an empty batch is none":  {map[string]string{"name": "a", "batch": ""}, "a", ""},
		"a path up and out again": {map[string]string{"name": "a", "relativePath": "../../../a"}, "a", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pairs []string
			for k, v := range tc.sent {
				pairs = append(pairs, k+" "+b64(v))
			}
			got := p.sessions.at(p.create(t, "Upload-Length: 5", "Upload-Metadata: "+strings.Join(pairs, ",")))
			if got.file.OriginalFilename != tc.file || got.file.Metadata["path"] != tc.folder {
				t.Errorf("%q in %q", got.file.OriginalFilename, got.file.Metadata["path"])
			}
			if name == "everything" && (got.file.BatchID == nil || got.file.BatchID.String() != batch || got.in.SHA256 != strings.ToLower(hex) || len(got.file.Metadata) != 3 ||
				got.file.Metadata["order"] != "17" || got.file.Metadata["filetype"] != "text/plain") {
				t.Errorf("%+v %+v", got.file, got.in)
			}
		})
	}
	p.do(t, "POST", "/files/", "", "Upload-Length: 5", "Upload-Metadata: batch "+b64("x")).want(t, 404)
}

func TestCreationWithUpload(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		const offset = "Content-Type: application/offset+octet-stream"
		t.Run("MUST include Upload-Offset after the accepted bytes", func(t *testing.T) {
			a := p.do(t, "POST", "/files/", "hello", "Upload-Length: 10", offset)
			a.want(t, 201, "Upload-Offset: 5", "Upload-Expires: "+p.clock.Now().Add(ttl).Format(http.TimeFormat))
			p.patch(t, a.header.Get("Location"), "5", "world").want(t, 204, "Upload-Offset: 10")
			p.do(t, "POST", "/files/", "", "Upload-Length: 10", offset).want(t, 201, "Upload-Offset: 0")
		})
		t.Run("the entirety", func(t *testing.T) {
			a := p.do(t, "POST", "/files/", "hello", "Upload-Length: 5", offset)
			a.want(t, 201, "Upload-Offset: 5", "Upload-Expires:")
			p.wantStored(t, a.header.Get("Location"), "hello")
		})
		t.Run("of a deferred length", func(t *testing.T) {
			a := p.do(t, "POST", "/files/", "hello", "Upload-Defer-Length: 1", offset)
			a.want(t, 201, "Upload-Offset: 5")
			p.patch(t, a.header.Get("Location"), "5", "", "Upload-Length: 5").want(t, 204)
		})
		before := p.uploads(t)
		t.Run("the client MUST include the Content-Type", func(t *testing.T) {
			p.do(t, "POST", "/files/", "hello", "Upload-Length: 10").want(t, 415)
			p.do(t, "POST", "/files/", "hello", "Upload-Length: 10", "Content-Type: multipart/form-data; boundary=x").want(t, 415)
		})
		t.Run("no more than the length", func(t *testing.T) {
			p.do(t, "POST", "/files/", "hello", "Upload-Length: 4", offset).want(t, 413)
		})
		if p.uploads(t) != before {
			t.Error("refused requests made uploads")
		}
		t.Run("no body in chunks is no body", func(t *testing.T) {
			p.raw(t, "POST", "/files/", struct{ *strings.Reader }{strings.NewReader("")}, "Upload-Length: 5", "Tus-Resumable: 1.0.0", "Authorization: Bearer "+adaToken).want(t, 201)
		})
		t.Run("with a checksum", func(t *testing.T) {
			p.do(t, "POST", "/files/", "hello", "Upload-Length: 5", offset, "Upload-Checksum: sha1 "+sha1of("hello")).want(t, 201, "Upload-Offset: 5")
			p.do(t, "POST", "/files/", "hello", "Upload-Length: 5", offset, "Upload-Checksum: sha1 "+sha1of("hallo")).want(t, 460, "Location:")
			p.do(t, "POST", "/files/", "hello", "Upload-Length: 5", offset, "Upload-Checksum: md5 "+sha1of("hello")).want(t, 400)
		})
	})
}

package tus

import (
	"bufio"
	"encoding/base64"
	"math"
	"net/textproto"
	"strings"
	"testing"

	"doorito/domain"
	"doorito/ports/usecase"
)

func FuzzMetadata(f *testing.F) {
	for _, s := range []string{"", "filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential", "a ,b", "a eA==,a eA==", " eA==", "a eA", "a eA==\r\n", "batch eA==,sha256 eA==", "relativePath Li4vLi4vYQ=="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pairs, err := parseMetadata(s)
		if err != nil {
			if !domain.IsCode(err, domain.Invalid) {
				t.Fatal(err)
			}
			return
		}
		var again []string
		for _, p := range pairs {
			if !isKey(p.key) {
				t.Fatalf("%q has the key %q", s, p.key)
			}
			again = append(again, strings.TrimSpace(p.key+" "+base64.StdEncoding.EncodeToString([]byte(p.value))))
		}
		if got := strings.Join(again, ","); got != strings.ReplaceAll(strings.TrimSuffix(s, " "), " ,", ",") {
			t.Fatalf("%q became %q", s, got)
		}
		if strings.ContainsAny(s, "\r\n\x00") {
			t.Fatalf("%q could be another header", s)
		}
		in := usecase.SessionInput{}
		if err := describe(&in, pairs); err == nil && (in.Name == "" || domain.CleanFolder(in.Metadata["path"]) != in.Metadata["path"] || in.SHA256 != "" && len(in.SHA256) != 64) {
			t.Fatalf("%q: %+v", s, in)
		}
	})
}

func FuzzBundled(f *testing.F) {
	for _, s := range []string{"Idempotency-Key: k", "Idempotency-Key: k\r\nUpload-Metadata: filename YQ==", "upload-metadata: x", "Idempotency-Key: k\r\nIdempotency-Key: k", "Idempotency-Key: k\r\nUpload-Length: 9", "Idempotency-Key:", ":", "Idempotency-Key: k\r\n\r\n"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, head string, size int) {
		header, err := textproto.NewReader(bufio.NewReader(strings.NewReader(head + "\r\n\r\n"))).ReadMIMEHeader()
		if err != nil || size < 0 || size > 2*maxBundled {
			return
		}
		w, err := readBundled(header, make([]byte, size))
		if err != nil {
			if code := domain.CodeOf(err); code != domain.Invalid && code != domain.TooLarge && code != domain.NotFound {
				t.Fatal(err)
			}
			return
		}
		in := w.in
		if size > maxBundled || *in.Size != int64(size) || w.first.size != *in.Size || in.IdempotencyKey == "" || in.Name == "" || in.Kind != domain.SessionWhole {
			t.Fatalf("%q: %+v", head, in)
		}
		if sent := in.Declared[hMetadata]; sent != strings.Join(header[hMetadata], "") || strings.ContainsAny(sent, "\r\n\x00") {
			t.Fatalf("%q declares %q", head, sent)
		}
	})
}

func FuzzConcat(f *testing.F) {
	const id = "0190f0a0-0000-7000-8000-000000000001"
	for _, s := range []string{"", "partial", "final;", "final;/files/" + id, "final;http://x/files/" + id + " " + id, "final;../files/" + id, "final;/files/../x/" + id, "final;//evil/" + id, "final;/files/%2e%2e/" + id, "final; " + id} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		kind, ids, err := parseConcat(s)
		switch {
		case err != nil && !domain.IsCode(err, domain.Invalid):
			t.Fatal(err)
		case err == nil && (kind == domain.SessionFinal) != (len(ids) > 0):
			t.Fatalf("%q is %s of %v", s, kind, ids)
		case err == nil && kind == domain.SessionFinal && strings.Count(s, " ") != len(ids)-1:
			t.Fatalf("%q has %d partials", s, len(ids))
		}
		for _, id := range ids {
			if !strings.Contains(strings.ToLower(s), id.String()) && !strings.Contains(s, "%") {
				t.Fatalf("%q gave %s", s, id)
			}
		}
	})
}

func FuzzCount(f *testing.F) {
	for _, s := range []string{"", "0", "-1", "+1", "1e3", "9223372036854775807", "9223372036854775808", "99999999999999999999999", " 1", "１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := parseCount(s)
		if n < 0 || ok != (s != "" && strings.Trim(s, "0123456789") == "") || ok && len(strings.TrimLeft(s, "0")) > 19 && n != math.MaxInt64 {
			t.Fatalf("%q is %d, %v", s, n, ok)
		}
	})
}

func FuzzChecksum(f *testing.F) {
	for _, s := range []string{"", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha1", "sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "SHA1 x", "sha256 AAAA", "md5 AAAA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, want, err := parseChecksum(s)
		if err != nil {
			if !domain.IsCode(err, domain.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if len(want) != newDigest[name]().Size() || name+" "+base64.StdEncoding.EncodeToString(want) != s && !strings.ContainsAny(s, "\r\n") {
			t.Fatalf("%q is %s %x", s, name, want)
		}
	})
}

func FuzzUploadURL(f *testing.F) {
	for _, s := range []string{"0190f0a0-0000-7000-8000-000000000001", "/files/0190f0a0-0000-7000-8000-000000000001", "https://h:1/p/files/0190f0a0-0000-7000-8000-000000000001", "/files/../etc", "..%2f..", "//", ":", "%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := parseUploadURL(s)
		if err == nil && id.String() == "00000000-0000-0000-0000-000000000000" && !strings.Contains(s, "00000000-0000") && !strings.Contains(s, "%") {
			t.Fatalf("%q gave no id", s)
		}
		if err != nil && !domain.IsCode(err, domain.Invalid) {
			t.Fatal(err)
		}
	})
}

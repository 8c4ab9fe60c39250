package domain_test

import (
	"bytes"
	"encoding/json"
	"mime"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"doorito/domain"
)

func FuzzCleanFilename(f *testing.F) {
	for _, s := range []string{"a.pdf", "../../x", `..\x`, "a\x00", "\u202efdp.exe", " . ", "a/ .. ", strings.Repeat("ü", 200), "\u200b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := domain.CleanFilename(s)
		if err != nil {
			wantCode(t, s, err, domain.Invalid)
			return
		}
		if got == "" || got == "." || got == ".." || len(got) > domain.MaxFilenameBytes || !utf8.ValidString(got) ||
			strings.ContainsAny(got, `/\`) || strings.ContainsFunc(got, unicode.IsControl) || strings.TrimSpace(got) != got {
			t.Errorf("%q became %q", s, got)
		}
		if again, err := domain.CleanFilename(got); err != nil || again != got {
			t.Errorf("%q became %q, then %q, %v", s, got, again, err)
		}
	})
}

func FuzzCleanFolder(f *testing.F) {
	for _, s := range []string{"a/b", "../a", `a\..\b`, "a\x00/.\u202e./b", strings.Repeat("a/..b/", 300), "\xff/ . "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := domain.CleanFolder(s)
		if len(got) > 1024 || !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) || strings.Contains(got, `\`) {
			t.Errorf("%q became %q", s, got)
		}
		for seg := range strings.SplitSeq(got, "/") {
			if got != "" && (seg == "" || seg == "." || seg == "..") {
				t.Errorf("%q became %q", s, got)
			}
		}
		if again := domain.CleanFolder(got); again != got {
			t.Errorf("%q became %q, then %q", s, got, again)
		}
	})
}

func FuzzAttachment(f *testing.F) {
	for _, s := range []string{"a.pdf", `"`, `\`, "%41", "ü", "a\r\nb", "'*", " ", "=?UTF-8?Q?x?="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		got := domain.Attachment(s)
		for i := range len(got) {
			if got[i] < 0x20 || got[i] > 0x7e {
				t.Fatalf("%q gives a header with %q", s, got)
			}
		}
		kind, params, err := mime.ParseMediaType(got)
		if err != nil || kind != "attachment" || params["filename"] != s {
			t.Errorf("%q gives %s, which reads back as %q, %v", s, got, params["filename"], err)
		}
	})
}

func FuzzParseLink(f *testing.F) {
	r := mustKeyring(f, newKey+","+oldKey)
	one := mustKeyring(f, newKey).SignLink(id1, 7)
	two := mustKeyring(f, oldKey).SignLink(id2, 65535)
	for _, s := range []string{"", one, two, one[:50], one + "A", strings.ToLower(one), one + "\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _, err := r.ParseLink(s)
		if valid := s == one || s == two; (err == nil) != valid {
			t.Errorf("%q: %v", s, err)
		}
	})
}

func FuzzVerifyStandard(f *testing.F) {
	at := time.Unix(vectorTime, 0)
	f.Add(vectorID, "1614265330", vectorSignature, []byte(vectorBody))
	f.Add("", "", "", []byte(nil))
	f.Add(vectorID, "1614265330", "v1,x "+vectorSignature, []byte(vectorBody))
	f.Add(vectorID, "-1", "v1,", []byte("{}"))
	f.Fuzz(func(t *testing.T, id, stamp, sigs string, payload []byte) {
		err := domain.VerifyStandard(vectorSecret, id, stamp, sigs, payload, at)
		if err == nil {
			// Nobody without the secret makes a signature but the one above.
			if id != vectorID || !bytes.Equal(payload, []byte(vectorBody)) || !strings.Contains(sigs, vectorSignature) {
				t.Errorf("forged: %q %q %q %q", id, stamp, sigs, payload)
			}
			return
		}
		wantCode(t, sigs, err, domain.Invalid)
	})
}

func FuzzWithURL(f *testing.F) {
	f.Add([]byte(`{"id":"1","data":{"a":1}}`), "https://x/d/y")
	f.Add([]byte(`{"data":{}}`), `"\`)
	f.Add([]byte(`{"data":{`), "")
	f.Add([]byte(`{"a":"\"data\":{","data":{}}`), "\xff")
	f.Fuzz(func(t *testing.T, payload []byte, link string) {
		before := bytes.Clone(payload)
		got, err := domain.WithURL(payload, link)
		if !bytes.Equal(before, payload) {
			t.Fatal("the payload itself was changed")
		}
		if err != nil {
			wantCode(t, string(payload), err, domain.Internal)
			return
		}
		quoted, _ := json.Marshal(link)
		without := bytes.Replace(got, append([]byte(`"url":`), quoted...), nil, 1)
		if n := len(without) - len(payload); n != 0 && n != 1 {
			t.Errorf("%s became %s", payload, got)
		}
	})
}

func FuzzParseRetrySchedule(f *testing.F) {
	for _, s := range []string{"0s,5s,5m,30m", "", "1h", "-1s", "0s,", "1e9s", "0.5h", " 1m , 2m "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := domain.ParseRetrySchedule(s)
		if err != nil {
			wantCode(t, s, err, domain.Invalid)
			return
		}
		if len(got) == 0 || len(got) > 50 {
			t.Errorf("%q: %d attempts", s, len(got))
		}
		for made := range len(got) + 1 {
			if w := got.Wait(made, -1, 1000*time.Hour); w < 0 || w > 1440*time.Hour {
				t.Errorf("%q: waits %s after %d", s, w, made)
			}
		}
	})
}

func FuzzCheckEndpointURL(f *testing.F) {
	for _, s := range []string{"https://a.example/x?y=z", "http://[::1]:80", "https://u@a", "//a", "https://a#b", "http://a:99999", "https://é/ü", "http://a/%zz", "http://[fe80::1%25en0]/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := domain.CheckEndpointURL(s, false)
		if err != nil {
			wantCode(t, s, err, domain.Invalid)
			return
		}
		if u.Hostname() == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("%q became %q", s, u)
		}
		again, err := domain.CheckEndpointURL(u.String(), false)
		if err != nil || again.String() != u.String() {
			t.Errorf("%q became %q, then %v, %v", s, u, again, err)
		}
	})
}

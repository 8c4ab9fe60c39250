package tus_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"doorito/domain"
	"doorito/e2e/world"
)

// draft is a client of one interop version; 0 is one of the finished standard,
// which names none.
type draft struct {
	*portal
	version int
	w       *world.World
	actor   domain.Actor
}

func eachDraft(t *testing.T, test func(t *testing.T, d draft)) {
	t.Helper()
	for _, v := range []int{3, 4, 5, 6, 7, 8, 0} {
		t.Run(fmt.Sprint("interop ", v), func(t *testing.T) {
			t.Parallel()
			w := world.NewOnDisk(t, world.SQLite(t))
			p, a := portalOf(t, w)
			test(t, draft{p, v, w, a})
		})
	}
}

// since tells whether the client speaks that version or a later one.
func (d draft) since(v int) bool { return d.version == 0 || d.version >= v }

// complete is the header that says whether bytes are the last ones.
func (d draft) complete(is bool) string {
	name, text := "Upload-Complete", map[bool]string{true: "?1", false: "?0"}[is]
	if d.version == 3 {
		name, text = "Upload-Incomplete", map[bool]string{true: "?0", false: "?1"}[is]
	}
	return name + ": " + text
}

// send does what a client of that version would.
func (d draft) send(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	return d.raw(t, method, path, r, append(headers, d.marks()...)...)
}

func (d draft) marks() []string {
	marks := []string{"Authorization: Bearer x"}
	if d.version > 0 {
		marks = append(marks, fmt.Sprint("Upload-Draft-Interop-Version: ", d.version))
	}
	return marks
}

func (d draft) append(t *testing.T, at string, offset int, complete bool, body string, headers ...string) answer {
	t.Helper()
	headers = append(headers, d.complete(complete), fmt.Sprint("Upload-Offset: ", offset))
	if d.since(6) {
		headers = append(headers, "Content-Type: application/partial-upload")
	}
	return d.send(t, "PATCH", at, body, headers...)
}

// start makes an upload without bytes.
func (d draft) start(t *testing.T, headers ...string) string {
	t.Helper()
	a := d.send(t, "POST", "/files/", "", append(headers, d.complete(false))...)
	a.want(t, 201, d.complete(false), "Upload-Offset: 0")
	return a.header.Get("Location")
}

// at asks where the upload is.
func (d draft) at(t *testing.T, at string, offset int, complete bool, more ...string) {
	t.Helper()
	d.send(t, "HEAD", at, "").want(t, 204, append(more, fmt.Sprint("Upload-Offset: ", offset), d.complete(complete), "Cache-Control: no-store", "Tus-Resumable:")...)
}

// problem is the answer's problem type with its members.
func (a answer) problem(t *testing.T, kind string) map[string]any {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.header.Get("Content-Type") != "application/problem+json" ||
		got["type"] != "https://iana.org/assignments/http-problem-types#"+kind || got["detail"] == "" || got["title"] == "" {
		t.Errorf("no problem %s: %v %v", kind, a.header, a.body)
	}
	return got
}

// interim is one informational response.
type interim struct {
	code   int
	header textproto.MIMEHeader
}

// traced sends a request and keeps the informational responses to it.
func (d draft) traced(t *testing.T, method, path string, body io.Reader, headers ...string) (answer, []interim) {
	t.Helper()
	var got []interim
	req, err := http.NewRequest(method, d.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range append(headers, d.marks()...) {
		k, v, _ := strings.Cut(h, ": ")
		req.Header.Add(k, v)
	}
	req = req.WithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
		got = append(got, interim{code, header})
		return nil
	}}))
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}, got
}

// hint is what a client of the finished standard must add where an upload that
// is gone cannot tell how it was made.
func (d draft) hint() []string {
	if d.version == 0 {
		return []string{"Upload-Draft-Interop-Version: 8"}
	}
	return nil
}

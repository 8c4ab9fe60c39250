package api_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	whole "doorito/e2e/world"
	"doorito/ports/portstest"
)

const chunk = 8 << 20

// begin makes an upload of n bytes and returns its path.
func (p *portal) begin(token string, n int, more ...string) string {
	p.t.Helper()
	s, _ := p.ask(token, "POST", "/api/v1/sessions", fmt.Sprintf(`{"filename":"scan.bin","size_bytes":%d%s}`, n, strings.Join(more, "")), 201)
	return "/api/v1/sessions/" + fmt.Sprint(s["id"])
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func TestAnUploadInPartsFromBeginningToEnd(t *testing.T) {
	t.Parallel()
	whole.EachStaged(t, func(t *testing.T, w *whole.World) {
		p := portalOf(t, w, nil)
		ann := p.token("ann", "upload,read")
		me, _ := p.ask(ann, "GET", "/api/v1/me", "", 200)
		data := portstest.Bytes(2*chunk + 7)
		key := "Idempotency-Key: one"
		body := fmt.Sprintf(`{"filename":"a/scan.bin","size_bytes":%d,"metadata":{"order":"7"},"path":"may/../scans","sha256":"%s"}`, len(data), strings.ToUpper(hexSum(data)))
		s, h := p.ask(ann, "POST", "/api/v1/sessions", body, 201, key)
		at := "/api/v1/sessions/" + fmt.Sprint(s["id"])
		if h.Get("Location") != at || s["total_parts"] != 3.0 || s["chunk_size_bytes"] != float64(chunk) || s["status"] != "init" || s["mode"] != nil || s["tus_url"] != "/files/"+fmt.Sprint(s["id"]) || s["uploaded_by"] != me["user"].(map[string]any)["id"] {
			t.Errorf("%v %v", s, h)
		}
		if m, _ := s["metadata"].(map[string]any); m["order"] != "7" || m["path"] != "may/scans" || s["original_filename"] != "scan.bin" || s["sha256"] != hexSum(data) {
			t.Errorf("%v", s)
		}
		for range 2 {
			part, _ := p.ask(ann, "PUT", at+"/parts/3", string(data[2*chunk:]), 200, "Content-Range: bytes 16777216-16777222/16777223", "Content-Digest: "+digest(data[2*chunk:]))
			if part["offset_bytes"] != float64(2*chunk) || part["size_bytes"] != 7.0 || part["status"] != "received" || part["sha256"] != hexSum(data[2*chunk:]) {
				t.Errorf("%v", part)
			}
		}
		problem, _ := p.ask(ann, "POST", at+"/complete", "", 409)
		if fmt.Sprint(problem["missing"]) != "[[1 2]]" || problem["detail"] != "Received 1 of 3 parts: missing 1-2." {
			t.Errorf("%v", problem)
		}
		p.ask(ann, "PUT", at+"/parts/1", string(data[:chunk]), 200, "Repr-Digest: sha-512=:AAAA:, "+digest(data[:chunk]))
		got, h := p.ask(ann, "POST", "/api/v1/sessions", body, 200, key)
		if h.Get("Idempotent-Replayed") != "true" || fmt.Sprint(got["received"]) != "[[1 1] [3 3]]" || got["bytes_received"] != float64(chunk+7) || got["mode"] != "parts" || got["status"] != "in_progress" {
			t.Errorf("%v %v", got, h)
		}
		p.ask(ann, "PUT", at+"/parts/2", string(data[chunk:2*chunk]), 200, "Content-Range: bytes 8388608-16777215/*")
		for range 2 {
			f, _ := p.ask(ann, "POST", at+"/complete", `{"sha256":"`+hexSum(data)+`"}`, 200)
			if f["id"] != s["file_id"] || f["sha256"] != hexSum(data) || f["status"] != "stored" {
				t.Errorf("%v", f)
			}
		}
		got, _ = p.ask(ann, "GET", at, "", 200)
		if got["status"] != "complete" || got["hashed_bytes"] != float64(len(data)) || fmt.Sprint(got["received"]) != "[[1 3]]" {
			t.Errorf("%v", got)
		}
		res, text := do(t, "GET", p.base+"/api/v1/files/"+fmt.Sprint(s["file_id"])+"/content", nil, bearer(ann))
		if where := res.Header.Get("Location"); where != "" { // S3 has the bytes
			text = fetch(t, where)
		}
		if text != string(data) {
			t.Errorf("%d other bytes", len(text))
		}
	})
}

func TestEachWrongPartHasItsOwnAnswer(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	at := p.begin(ann, chunk+7)
	place := "Content-Range: bytes 8388608-8388614/8388615"
	for name, c := range map[string]struct {
		number, body string
		status       int
		field, says  string
		headers      []string
	}{
		"number 0":                  {"0", "1234567", 400, "part_number", "from 1 to 10000", nil},
		"a negative number":         {"-1", "1234567", 400, "part_number", "from 1 to 10000", nil},
		"a number past the end":     {"3", "1234567", 400, "part_number", "parts 1 to 2", nil},
		"a number past every end":   {"99999999999999999999", "1234567", 400, "part_number", "from 1 to 10000", nil},
		"a number that wraps":       {"4294967298", "1234567", 400, "part_number", "from 1 to 10000", nil},
		"a number in other words":   {"0x2", "1234567", 400, "part_number", "from 1 to 10000", nil},
		"a number with a zero":      {"02", "1234567", 400, "part_number", "from 1 to 10000", nil},
		"a number that is a path":   {"..%2f2", "1234567", 400, "part_number", "from 1 to 10000", nil},
		"too short":                 {"2", "123456", 400, "size", "Part 2 has 7 bytes", nil},
		"too long":                  {"2", "12345678", 400, "size", "Part 2 has 7 bytes", nil},
		"nothing":                   {"2", "", 400, "size", "Part 2 has 7 bytes", nil},
		"another place":             {"2", "1234567", 400, "Content-Range", "bytes 8388608-8388614/8388615", []string{"Content-Range: bytes 0-6/8388615"}},
		"a place of another size":   {"2", "1234567", 400, "Content-Range", "bytes 8388608-8388614/8388615", []string{"Content-Range: bytes 8388608-8388613/8388615"}},
		"a place in another file":   {"2", "1234567", 400, "Content-Range", "bytes 8388608-8388614/8388615", []string{"Content-Range: bytes 8388608-8388614/9000000"}},
		"a place past every end":    {"2", "1234567", 400, "Content-Range", "is like", []string{"Content-Range: bytes 8388608-99999999999999999999/*"}},
		"a place of negative bytes": {"2", "1234567", 400, "Content-Range", "is like", []string{"Content-Range: bytes -8388608-8388614/*"}},
		"a place that runs back":    {"2", "1234567", 400, "Content-Range", "is like", []string{"Content-Range: bytes 6-0/*"}},
		"a place of no range":       {"2", "1234567", 400, "Content-Range", "is like", []string{"Content-Range: bytes */8388615"}},
		"a place in rows":           {"2", "1234567", 400, "Content-Range", "is like", []string{"Content-Range: rows 0-6/7"}},
		"two places":                {"2", "1234567", 400, "Content-Range", "came 2 times", []string{place, place}},
		"a digest of other bytes":   {"2", "1234567", 400, "Content-Digest", "so it was dropped", []string{"Content-Digest: " + digest([]byte("other"))}},
		"a representation's digest": {"2", "1234567", 400, "Repr-Digest", "so it was dropped", []string{"Repr-Digest: " + digest([]byte("other"))}},
		"a digest that is none":     {"2", "1234567", 400, "Content-Digest", "has no SHA-256", []string{"Content-Digest: sha-256=abc"}},
		"a digest of another kind":  {"2", "1234567", 400, "Content-Digest", "names only others", []string{"Content-Digest: md5=:AAAA:"}},
		"two digests":               {"2", "1234567", 400, "Repr-Digest", "two different", []string{"Content-Digest: " + digest([]byte("1234567")), "Repr-Digest: " + digest([]byte("other"))}},
		"a form":                    {"2", "1234567", 415, "", "not a form", []string{"Content-Type: multipart/form-data; boundary=b"}},
		"packed":                    {"2", "1234567", 415, "", "unpacked", []string{"Content-Encoding: gzip"}},
	} {
		got, _ := p.ask(ann, "PUT", at+"/parts/"+c.number, c.body, c.status, c.headers...)
		if field, _ := got["field"].(string); field != c.field || !strings.Contains(fmt.Sprint(got["detail"]), c.says) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if s, _ := p.ask(ann, "GET", at, "", 200); s["bytes_received"] != 0.0 || s["completed_parts"] != 0.0 {
		t.Errorf("%v", s)
	}
	p.ask(ann, "PUT", at+"/parts/2", "1234567", 200, place)
	if got, _ := p.ask(ann, "PUT", at+"/parts/2", "7654321", 409); !strings.Contains(fmt.Sprint(got["detail"]), "other content") {
		t.Errorf("%v", got)
	}
	for _, wrong := range []string{"/../" + at[len("/api/v1/sessions/"):], "/..%2f..%2fetc", "/x", "/" + at[len("/api/v1/sessions/"):] + "0"} {
		p.ask(ann, "PUT", "/api/v1/sessions"+wrong+"/parts/1", "1", 404)
	}
}

func TestAPartThatIsShorterThanDeclaredLeavesNothing(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	at := p.begin(ann, chunk+7)
	answer := raw(t, p.base, "PUT "+at+"/parts/2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+ann+"\r\nContent-Length: 7\r\n\r\n123")
	if !strings.Contains(answer, " 400 ") || !strings.Contains(answer, "connection broke before the 7 bytes of part 2") {
		t.Error(answer)
	}
	answer = raw(t, p.base, "PUT "+at+"/parts/2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+ann+"\r\nContent-Length: -7\r\n\r\n123")
	if strings.Contains(answer, " 200 ") {
		t.Error(answer)
	}
	if s, _ := p.ask(ann, "GET", at, "", 200); s["bytes_received"] != 0.0 {
		t.Errorf("%v", s)
	}
}

func TestWhatCannotBecomeAnUpload(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	bobs, _ := p.ask(p.token("bob", "upload,read"), "POST", "/api/v1/batches", "", 201)
	for name, c := range map[string]struct {
		body        string
		status      int
		field, says string
	}{
		"nothing":                     {``, 400, "filename", "missing"},
		"no size":                     {`{"filename":"a"}`, 400, "size_bytes", "missing"},
		"no name":                     {`{"size_bytes":1}`, 400, "filename", "missing"},
		"an empty name":               {`{"filename":"","size_bytes":1}`, 400, "filename", "no name"},
		"a name that climbs":          {`{"filename":"../..","size_bytes":1}`, 400, "filename", "no name"},
		"a negative size":             {`{"filename":"a","size_bytes":-1}`, 400, "size_bytes", "0 bytes or more"},
		"a huge size":                 {`{"filename":"a","size_bytes":9223372036854775807}`, 413, "size_bytes", "larger than the limit"},
		"a size for a million parts":  {`{"filename":"a","size_bytes":8388608000000}`, 413, "size_bytes", "larger than the limit"},
		"a size past every number":    {`{"filename":"a","size_bytes":9223372036854775808}`, 400, "size_bytes", "whole number"},
		"half a byte":                 {`{"filename":"a","size_bytes":1.5}`, 400, "size_bytes", "whole number"},
		"a size in words":             {`{"filename":"a","size_bytes":"12"}`, 400, "size_bytes", "whole number"},
		"a batch that is none":        {`{"filename":"a","size_bytes":1,"batch_id":"../x"}`, 400, "batch_id", "is an id"},
		"a batch that is not there":   {`{"filename":"a","size_bytes":1,"batch_id":"01936a5e-6b0f-7a53-8c9d-4e5f2b1a0c00"}`, 404, "", "batch"},
		"the batch of somebody else":  {`{"filename":"a","size_bytes":1,"batch_id":"` + fmt.Sprint(bobs["id"]) + `"}`, 404, "", "batch"},
		"a sum that is none":          {`{"filename":"a","size_bytes":1,"sha256":"abc"}`, 400, "sha256", "64 hexadecimal"},
		"too much metadata":           {`{"filename":"a","size_bytes":1,"metadata":{"a":"` + strings.Repeat("x", 17<<10) + `"}}`, 400, "metadata", "at most"},
		"metadata that is no text":    {`{"filename":"a","size_bytes":1,"metadata":{"a":{"b":1}}}`, 400, "metadata", "text"},
		"metadata with a zero":        {`{"filename":"a","size_bytes":1,"metadata":{"a":"\u0000"}}`, 400, "metadata", "UTF-8"},
		"a field that is not here":    {`{"filename":"a","size_bytes":1,"parts":3}`, 400, "parts", "no field"},
		"something after it":          {`{"filename":"a","size_bytes":1} {}`, 400, "body", "after the JSON"},
		"a body that ends in between": {`{"filename":"a","size_`, 400, "body", "ends in the middle"},
	} {
		got, _ := p.ask(ann, "POST", "/api/v1/sessions", c.body, c.status)
		if field, _ := got["field"].(string); field != c.field || !strings.Contains(fmt.Sprint(got["detail"]), c.says) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if page, _ := p.ask(ann, "GET", "/api/v1/sessions", "", 200); len(page["items"].([]any)) != 0 {
		t.Errorf("%v", page)
	}
}

// raw sends bytes as they are, ends the sending, and returns the answer.
func raw(t *testing.T, base, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if _, err := bufio.NewReader(conn).WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// fetch reads what stands behind a link of the storage.
func fetch(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

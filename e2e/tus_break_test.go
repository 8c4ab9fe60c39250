package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// slowPatch begins a PATCH on a connection of its own.
func slowPatch(t *testing.T, c *portal.Client, at string, offset, size int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: %d\r\nContent-Length: %d\r\n\r\n",
		at, c.Token, offset, size); err != nil {
		t.Fatal(err)
	}
	return conn
}

// tusCreate makes an upload and returns its path.
func tusCreate(t *testing.T, c *portal.Client, name string, size int) string {
	t.Helper()
	res, err := tusDo(t, c, http.MethodPost, "/files/", nil, map[string]string{
		"Upload-Length": strconv.Itoa(size), "Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte(name)),
	})
	if err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("%v, %v", res, err)
	}
	return res.Header.Get("Location")
}

func tusOffset(t *testing.T, c *portal.Client, at string) int {
	t.Helper()
	res, err := tusDo(t, c, http.MethodHead, at, nil, nil)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", res, err)
	}
	n, err := strconv.Atoi(res.Header.Get("Upload-Offset"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func tusPatch(t *testing.T, c *portal.Client, at string, offset int, body io.Reader) int {
	t.Helper()
	res, err := tusDo(t, c, http.MethodPatch, at, body, map[string]string{"Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream"})
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

// TestASlowPatchThatDiesKeepsWhatItSent: HEAD shows at least 95 % of what was
// sent before the client died in the middle of its request, and no more.
func TestASlowPatchThatDiesKeepsWhatItSent(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		c := d.WithToken(t, d.Token(t, "upload,read"))
		content := bytes.Repeat([]byte("throttled "), 2_000_000)
		at := tusCreate(t, c, "dies.txt", len(content))
		conn := slowPatch(t, c, at, 0, len(content))
		sent := 0
		pace := time.NewTicker(10 * time.Millisecond) // 5 MB/s
		defer pace.Stop()
		for sent < 7_500_000 {
			<-pace.C
			n, err := conn.Write(content[sent : sent+50_000])
			if sent += n; err != nil {
				t.Fatal(err)
			}
		}
		conn.Close()
		world.Eventually(t, "95 % of what was sent is durable", func() bool { return tusOffset(t, c, at) >= sent*95/100 })
		world.Eventually(t, "the rest is taken", func() bool {
			offset := tusOffset(t, c, at)
			if offset > sent {
				t.Fatalf("%d bytes of %d", offset, sent)
			}
			st := tusPatch(t, c, at, offset, bytes.NewReader(content[offset:]))
			if st != http.StatusNoContent && st != http.StatusConflict { // the last of what was sent is just being saved
				t.Fatal(st)
			}
			return st == http.StatusNoContent
		})
		if got := named(t, c, "dies.txt"); len(got) != 1 || got[0].Status != "stored" || got[0].SizeBytes != int64(len(content)) {
			t.Errorf("%+v", got)
		}
	})
}

// takeover bounds how long a later request waits for a connection that hangs: a
// second for its checkpoint, and time for a machine that does much else. The
// connection itself would be given up after a minute.
const takeover = 5 * time.Second

// firstLine is the beginning of an answer, "" when none came.
func firstLine(conn net.Conn) string {
	answer := make([]byte, len("HTTP/1.1 204"))
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return ""
	}
	return string(answer)
}

// TestALaterPatchTakesOver from a connection that nobody closed: at once, not
// when it has been silent for a minute; all that came over it counts. And when
// it comes to life again, it hears that it lost.
func TestALaterPatchTakesOver(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		c := d.WithToken(t, d.Token(t, "upload,read"))
		content := bytes.Repeat([]byte("taken over "), 1_000_000)
		at := tusCreate(t, c, "taken.txt", len(content))
		first := slowPatch(t, c, at, 0, len(content))
		half := len(content) / 2
		if _, err := first.Write(content[:half]); err != nil {
			t.Fatal(err)
		}
		world.Eventually(t, "all that came is durable", func() bool { return tusOffset(t, c, at) == half })
		// The second one is alive too, and slow: what it sends is durable at its
		// first checkpoint, a second later.
		const more = 1_000_000
		began := time.Now()
		second := slowPatch(t, c, at, half, len(content)-half)
		if _, err := second.Write(content[half : half+more]); err != nil {
			t.Fatal(err)
		}
		world.Eventually(t, "the second one has taken over", func() bool { return tusOffset(t, c, at) > half })
		if took := time.Since(began); took > takeover {
			t.Errorf("taking over took %s", took)
		}
		if _, err := second.Write(content[half+more:]); err != nil {
			t.Fatal(err)
		}
		if got := firstLine(second); got != "HTTP/1.1 204" {
			t.Fatalf("the second one heard %q", got)
		}
		// The first one may have been told before it sent all.
		_, _ = first.Write(content[half:])
		if got := firstLine(first); got != "" && got != "HTTP/1.1 409" {
			t.Errorf("the first one heard %s", got)
		}
		if got := named(t, c, "taken.txt"); len(got) != 1 || got[0].Status != "stored" || got[0].SizeBytes != int64(len(content)) {
			t.Errorf("%+v", got)
		}
	})
}

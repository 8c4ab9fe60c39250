package portstest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// patience is the timeout of requests that must succeed.
const patience = 20 * time.Second

// Sender checks a ports.Sender that may reach loopback.
func Sender(t *testing.T, s ports.Sender) {
	t.Run("sends method, headers and body as given", func(t *testing.T) { t.Parallel(); senderSends(t, s) })
	t.Run("returns status, headers and body", func(t *testing.T) { t.Parallel(); senderReturns(t, s) })
	t.Run("follows no redirect", func(t *testing.T) { t.Parallel(); senderRedirect(t, s) })
	t.Run("keeps 64 KiB of an answer", func(t *testing.T) { t.Parallel(); senderCap(t, s) })
	t.Run("ends an answer that never ends", func(t *testing.T) { t.Parallel(); senderEndless(t, s) })
	t.Run("ends an answer that drips", func(t *testing.T) { t.Parallel(); senderDrip(t, s) })
	t.Run("leaves compressed answers alone", func(t *testing.T) { t.Parallel(); senderGzip(t, s) })
	t.Run("names failures", func(t *testing.T) { t.Parallel(); senderFailures(t, s) })
	t.Run("stops when the caller does", func(t *testing.T) { t.Parallel(); senderCancel(t, s) })
}

// receiver starts a server for one test.
func receiver(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func post(t *testing.T, s ports.Sender, url string, timeout time.Duration) ports.SendResult {
	t.Helper()
	return s.Send(t.Context(), ports.SendRequest{URL: url, Headers: http.Header{}, Body: []byte(`{}`), Timeout: timeout})
}

func senderSends(t *testing.T, s ports.Sender) {
	body := []byte(`{"id":"1","type":"file.stored"}`)
	got := make(chan *http.Request, 1)
	url := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if !bytes.Equal(b, body) || r.ContentLength != int64(len(body)) {
			t.Errorf("body %q of length %d", b, r.ContentLength)
		}
		got <- r
	})
	h := http.Header{"Content-Type": {"application/json"}, "Webhook-Signature": {"v1,a v1,b"}, "X-Custom": {"yes"}}
	res := s.Send(t.Context(), ports.SendRequest{URL: url + "/hook?a=b%20c", Headers: h, Body: body, Timeout: patience})
	if res.StatusCode != http.StatusOK || res.ErrorClass != domain.ErrNone || res.ErrorText != "" {
		t.Fatalf("result %+v", res)
	}
	r := <-got
	if r.Method != http.MethodPost || r.RequestURI != "/hook?a=b%20c" {
		t.Errorf("%s %s", r.Method, r.RequestURI)
	}
	for k := range h {
		if r.Header.Get(k) != h.Get(k) {
			t.Errorf("%s is %q, want %q", k, r.Header.Get(k), h.Get(k))
		}
	}
	if len(h) != 3 {
		t.Errorf("the caller's headers were changed: %v", h)
	}
}

func senderReturns(t *testing.T, s ports.Sender) {
	for _, code := range []int{200, 201, 204, 299, 400, 404, 410, 429, 500, 503} {
		url := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(code)
			if code != http.StatusNoContent {
				_, _ = io.WriteString(w, "an answer")
			}
		})
		res := post(t, s, url, patience)
		want := domain.ErrNone
		if code > 299 {
			want = domain.ErrStatus
		}
		if res.StatusCode != code || res.ErrorClass != want || (res.ErrorText == "") != (want == domain.ErrNone) {
			t.Errorf("%d: result %+v", code, res)
		}
		if code != http.StatusNoContent && string(res.Body) != "an answer" || res.Truncated {
			t.Errorf("%d: body %q, truncated %t", code, res.Body, res.Truncated)
		}
		if res.Headers.Get("Retry-After") != "7" {
			t.Errorf("%d: headers %v", code, res.Headers)
		}
		if res.Phases.Total <= 0 || res.Phases.FirstByte <= 0 || res.Phases.FirstByte > res.Phases.Total {
			t.Errorf("%d: phases %+v", code, res.Phases)
		}
	}
}

func senderRedirect(t *testing.T, s ports.Sender) {
	var followed atomic.Int32
	target := receiver(t, func(http.ResponseWriter, *http.Request) { followed.Add(1) })
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{target, "http://169.254.169.254/latest/meta-data/"} {
			url := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(code)
			})
			res := post(t, s, url, patience)
			if res.StatusCode != code || res.ErrorClass != domain.ErrStatus || !strings.Contains(res.ErrorText, to) {
				t.Errorf("%d to %s: %+v", code, to, res)
			}
		}
	}
	if n := followed.Load(); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

func senderCap(t *testing.T, s ports.Sender) {
	for size, cut := range map[int]bool{
		0: false, 1: false, ports.MaxResponseBody: false, ports.MaxResponseBody + 1: true, 4 * ports.MaxResponseBody: true,
	} {
		want := bytes.Repeat([]byte("abcdefg\n"), size/8+1)[:size]
		url := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(size))
			_, _ = w.Write(want)
		})
		res := post(t, s, url, patience)
		if res.Truncated != cut || !bytes.Equal(res.Body, want[:min(size, ports.MaxResponseBody)]) || res.StatusCode != 200 {
			t.Errorf("%d bytes: kept %d, truncated %t, status %d", size, len(res.Body), res.Truncated, res.StatusCode)
		}
	}
}

func senderEndless(t *testing.T, s ports.Sender) {
	url := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 32<<10)); err != nil {
				return
			}
		}
	})
	res := post(t, s, url, patience)
	if res.StatusCode != 200 || !res.Truncated || len(res.Body) != ports.MaxResponseBody || res.Phases.Total >= patience {
		t.Errorf("status %d, truncated %t, %d bytes in %s", res.StatusCode, res.Truncated, len(res.Body), res.Phases.Total)
	}
}

func senderDrip(t *testing.T, s ports.Sender) {
	url := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			_, _ = w.Write([]byte("."))
			_ = http.NewResponseController(w).Flush()
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			}
		}
	})
	const timeout = 2 * time.Second
	res := post(t, s, url, timeout)
	if res.StatusCode != 200 || !res.Truncated || len(res.Body) == 0 || res.Phases.Total < timeout/2 {
		t.Errorf("status %d, truncated %t, %d bytes in %s", res.StatusCode, res.Truncated, len(res.Body), res.Phases.Total)
	}
}

func senderGzip(t *testing.T, s ports.Sender) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(make([]byte, 8<<20))
	_ = z.Close()
	url := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		if a := r.Header.Get("Accept-Encoding"); a != "" {
			t.Errorf("compression was asked for: %q", a)
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	})
	if res := post(t, s, url, patience); !bytes.Equal(res.Body, packed.Bytes()) {
		t.Errorf("%d bytes, want the %d that were sent", len(res.Body), packed.Len())
	}
}

func senderFailures(t *testing.T, s ports.Sender) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := "http://" + l.Addr().String()
	_ = l.Close()
	release := make(chan struct{})
	hang := receiver(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	for _, c := range []struct {
		name, url string
		timeout   time.Duration
		want      domain.ErrorClass
	}{
		{"nothing listens", free, patience, domain.ErrConnect},
		{"no answer in time", hang, 100 * time.Millisecond, domain.ErrTimeout},
		{"metadata address", "http://169.254.169.254/", patience, domain.ErrBlocked},
		{"private network", "http://10.255.255.254/", patience, domain.ErrBlocked},
		{"not an address", "nonsense", patience, domain.ErrInternal},
		{"other scheme", "ftp://example.com/", patience, domain.ErrInternal},
	} {
		res := post(t, s, c.url, c.timeout)
		if res.ErrorClass != c.want || res.StatusCode != 0 || !strings.HasSuffix(res.ErrorText, ".") {
			t.Errorf("%s: %+v", c.name, res)
		}
	}
}

func senderCancel(t *testing.T, s ports.Sender) {
	ctx, cancel := context.WithCancel(t.Context())
	url := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	})
	res := s.Send(ctx, ports.SendRequest{URL: url, Body: []byte(`{}`), Timeout: patience})
	if res.StatusCode != 0 || res.ErrorClass != domain.ErrInternal || res.Phases.Total >= patience {
		t.Errorf("result %+v", res)
	}
}

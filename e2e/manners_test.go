package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"doorito/e2e/world"
)

// listening is a server that does as it likes with each connection.
func listening(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}

// answering reads a request before it does as it likes.
func answering(t *testing.T, then func(net.Conn)) string {
	t.Helper()
	return "http://" + listening(t, func(c net.Conn) {
		req, err := http.ReadRequest(bufio.NewReader(c))
		if err == nil {
			_, err = io.Copy(io.Discard, req.Body)
		}
		if err == nil {
			then(c)
		}
	})
}

// untrusted is a server with a certificate of its own making.
func untrusted(t *testing.T) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL
}

// drip writes one byte a second until nobody listens any more.
func drip(c net.Conn) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if _, err := c.Write([]byte("a")); err != nil {
			return
		}
		<-tick.C
	}
}

func pour(c net.Conn, bytes int) {
	for chunk := make([]byte, 64<<10); bytes > 0; bytes -= len(chunk) {
		if _, err := c.Write(chunk); err != nil {
			return
		}
	}
}

func says(c net.Conn, text string) { _, _ = io.WriteString(c, text) }

// reported is what the API says of a delivery.
type reported struct {
	ID             string
	Status         string
	LastErrorClass string `json:"last_error_class"`
	LastStatusCode int    `json:"last_status_code"`
	NextAttemptAt  string `json:"next_attempt_at"`
	AttemptList    []struct {
		ResponseBody      string `json:"response_body"`
		ResponseTruncated bool   `json:"response_truncated"`
		Milliseconds      struct{ Total float64 }
	} `json:"attempt_list"`
}

// Receivers without manners: each attempt ends within its time-out, says why,
// keeps no more than 64 KiB, and costs a receiver with manners nothing.
func TestReceiversWithoutMannersAreNamedAndCostOthersNothing(t *testing.T) {
	t.Parallel()
	const timeout = 2 * time.Second
	d := production(t, "WEBHOOK_TIMEOUT_SECONDS=2")
	const ok = "HTTP/1.1 200 OK\r\n"
	all := map[string]struct {
		url, status, class string
		code               int
		cut                bool
	}{
		"endless": {answering(t, func(c net.Conn) { says(c, ok+"\r\n"); pour(c, 1<<40) }), "delivered", "", 200, true},
		"huge":    {answering(t, func(c net.Conn) { says(c, ok+"Content-Length: 67108864\r\n\r\n"); pour(c, 64<<20) }), "delivered", "", 200, true},
		"huge, and an error": {answering(t, func(c net.Conn) { says(c, "HTTP/1.1 500 No\r\n\r\n"); pour(c, 64<<20) }),
			"pending", "status", 500, true},
		"a body of a byte a second":   {answering(t, func(c net.Conn) { says(c, ok+"Content-Length: 1000\r\n\r\n"); drip(c) }), "delivered", "", 200, true},
		"headers of a byte a second":  {answering(t, func(c net.Conn) { says(c, ok+"X-Slow: "); drip(c) }), "pending", "timeout", 0, false},
		"headers without an end":      {answering(t, func(c net.Conn) { says(c, ok+"X-Long: "); pour(c, 1<<40) }), "pending", "protocol", 0, false},
		"a reset":                     {answering(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }), "pending", "connect", 0, false},
		"silence":                     {answering(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }), "pending", "timeout", 0, false},
		"a certificate nobody trusts": {untrusted(t), "pending", "tls", 0, false},
		"plain text where TLS is due": {"https://" + listening(t, func(c net.Conn) { says(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }), "pending", "tls", 0, false},
	}
	c, ids := d.WithToken(t, d.Token(t, "upload,admin")), map[string]string{}
	for name, k := range all {
		var made struct{ ID string }
		a := c.Do(t, http.MethodPost, "/api/v1/endpoints", "application/json", strings.NewReader(fmt.Sprintf(`{"url": %q, "event_types": ["file.stored"]}`, k.url+"/hook")))
		if err := json.Unmarshal(a.Body, &made); err != nil || a.Code != http.StatusCreated {
			t.Fatalf("%v: %d %s", err, a.Code, a.Body)
		}
		ids[name] = made.ID
	}
	good := world.NewReceiver(t)
	endpoint(t, d, good, "file.stored")
	c.Upload(t, "a.txt", []byte("hello"))
	began := time.Now()
	good.Await(t, 1)
	if took := time.Since(began); took > timeout {
		t.Errorf("the receiver with manners waited %s", took)
	}
	for name, k := range all {
		var got reported
		world.Eventually(t, name+" is reported", func() bool {
			var page struct{ Items []reported }
			if err := json.Unmarshal(c.Get(t, "/api/v1/deliveries?endpoint="+ids[name]).Body, &page); err != nil || len(page.Items) != 1 {
				t.Fatalf("%v, %+v", err, page)
			}
			got = page.Items[0]
			return got.Status != "pending" || got.LastErrorClass != ""
		})
		if got.Status != k.status || got.LastErrorClass != k.class || got.LastStatusCode != k.code {
			t.Errorf("%s: %+v", name, got)
		}
		if err := json.Unmarshal(c.Get(t, "/api/v1/deliveries/"+got.ID).Body, &got); err != nil || len(got.AttemptList) == 0 {
			t.Fatalf("%s: %v, %+v", name, err, got)
		}
		a := got.AttemptList[len(got.AttemptList)-1]
		if a.ResponseTruncated != k.cut || a.Milliseconds.Total > 1000*timeout.Seconds()+1000 {
			t.Errorf("%s: cut %t in %.0f ms", name, a.ResponseTruncated, a.Milliseconds.Total)
		}
	}
}

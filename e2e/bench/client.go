package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"doorito/e2e/bench/bare"
	"doorito/e2e/portal"
)

// sender uploads over a plain TCP connection, from one block of memory that it
// sends again and again: no HTTP library, no reader, nothing made on the way.
type sender struct {
	host  string // host:port
	block []byte
}

// blockSize is what one write to the connection carries.
const blockSize = 1 << 20

func newSender(p *portal.Portal) *sender {
	return &sender{host: strings.TrimPrefix(p.URL, "http://"), block: block()}
}

// block is what all senders send.
var block = sync.OnceValue(func() []byte { return bare.Block()[:blockSize] })

// request is a request line with headers (without length and host), and what
// stands around the file's bytes in the body.
type request struct {
	line          string
	header        http.Header
	before, after string
	size          int64
}

// rawUpload is curl -T.
func rawUpload(token string, size int64) request {
	return request{line: "PUT /api/v1/files/bench.bin", size: size,
		header: http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/octet-stream"}}}
}

// formUpload is the upload page's form without script: the CSRF token, then
// the file.
func formUpload(s session, size int64) request {
	const boundary = "----bench7MA4YWxkTrZu0gW"
	part := "--" + boundary + "\r\nContent-Disposition: form-data; name="
	return request{line: "POST /app/upload/", size: size,
		header: http.Header{"Cookie": {s.cookie}, "Content-Type": {"multipart/form-data; boundary=" + boundary}},
		before: part + "\"_csrf\"\r\n\r\n" + s.csrf + "\r\n" +
			part + "\"files\"; filename=\"bench.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n",
		after: "\r\n--" + boundary + "--\r\n"}
}

// upload sends r and returns the answer and the time from dialling to the end
// of the answer.
func (s *sender) upload(ctx context.Context, r request) (code int, body []byte, took time.Duration, err error) {
	start := time.Now()
	c, err := s.dial(ctx)
	if err != nil {
		return 0, nil, 0, err
	}
	defer c.close()
	code, body, err = c.send(r)
	return code, body, time.Since(start), err
}

func (s *sender) write(conn net.Conn, r request) error {
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", r.line, s.host,
		int64(len(r.before))+r.size+int64(len(r.after)))
	if err := r.header.Write(&head); err != nil {
		return err
	}
	head.WriteString("\r\n" + r.before)
	if _, err := conn.Write(head.Bytes()); err != nil {
		return err
	}
	for left := r.size; left > 0; {
		n, err := conn.Write(s.block[:min(left, blockSize)])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	_, err := io.WriteString(conn, r.after)
	return err
}

// session is a signed-in browser.
type session struct{ cookie, csrf string }

var csrfMeta = regexp.MustCompile(`<meta name="csrf-token" content="([^"]+)"`)

// signIn goes through the login form as the first admin.
func signIn(ctx context.Context, p *portal.Portal) (session, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return session{}, err
	}
	client := &http.Client{Jar: jar, Timeout: startWithin}
	form := url.Values{"email": {portal.AdminEmail}, "password": {portal.AdminPassword}, "next": {"/app/upload/"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return session{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := client.Do(req) // and follows to a page with the token
	if err != nil {
		return session{}, err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		return session{}, err
	}
	found := csrfMeta.FindSubmatch(page)
	if found == nil {
		return session{}, fmt.Errorf("sign-in leads to a page without a CSRF token: %s", res.Status)
	}
	var cookies []string
	for _, c := range jar.Cookies(req.URL) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	return session{strings.Join(cookies, "; "), string(found[1])}, nil
}

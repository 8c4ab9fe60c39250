package portal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"doorito/e2e/openapi"
)

// Client is a browser without the browser, or a program with a token.
type Client struct {
	URL   string
	Token string // bearer; empty for a session
	CSRF  string
	HTTP  *http.Client
}

// Anonymous is a client that nobody knows. It follows no redirects.
func (p *Portal) Anonymous(tb testing.TB) *Client {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &Client{URL: p.URL, HTTP: &http.Client{
		Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// WithToken is a program with a bearer token.
func (p *Portal) WithToken(tb testing.TB, token string) *Client {
	tb.Helper()
	c := p.Anonymous(tb)
	c.Token = token
	return c
}

// Admin is the first admin, signed in.
func (p *Portal) Admin(tb testing.TB) *Client {
	tb.Helper()
	return p.SignIn(tb, AdminEmail, AdminPassword)
}

var csrfMeta = regexp.MustCompile(`<meta name="csrf-token" content="([^"]+)"`)

// SignIn signs in through the login form.
func (p *Portal) SignIn(tb testing.TB, email, password string) *Client {
	tb.Helper()
	c := p.Anonymous(tb)
	res := c.Do(tb, http.MethodPost, "/login", "application/x-www-form-urlencoded",
		strings.NewReader(url.Values{"email": {email}, "password": {password}}.Encode()))
	if res.Code != http.StatusSeeOther {
		tb.Fatalf("login of %s answers %d: %s", email, res.Code, res.Body)
	}
	page := c.Get(tb, "/app/upload/")
	m := csrfMeta.FindSubmatch(page.Body)
	if m == nil {
		tb.Fatalf("no CSRF token in the page: %d %s", page.Code, page.Body)
	}
	c.CSRF = string(m[1])
	return c
}

// Answer is a response with its body read.
type Answer struct {
	Code   int
	Header http.Header
	Body   []byte
}

// Do sends one request and reads the answer. An answer of the API must be one
// of its description.
func (c *Client) Do(tb testing.TB, method, path, contentType string, body io.Reader) Answer {
	tb.Helper()
	a, err := c.Try(method, path, contentType, body)
	if err != nil {
		tb.Fatal(err)
	}
	openapi.Check(tb, method, path, &http.Response{StatusCode: a.Code, Header: a.Header}, a.Body)
	return a
}

// Try is Do for requests that may fail.
func (c *Client) Try(method, path, contentType string, body io.Reader) (Answer, error) {
	if !strings.HasPrefix(path, "http") {
		path = c.URL + path
	}
	req, err := http.NewRequest(method, path, body)
	if err != nil {
		return Answer{}, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if c.CSRF != "" {
		req.Header.Set("X-CSRF-Token", c.CSRF)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return Answer{res.StatusCode, res.Header, b}, err
}

// Get fetches a page.
func (c *Client) Get(tb testing.TB, path string) Answer {
	tb.Helper()
	return c.Do(tb, http.MethodGet, path, "", nil)
}

// File is what the API says of a file.
type File struct {
	ID               string            `json:"id"`
	OriginalFilename string            `json:"original_filename"`
	ContentType      string            `json:"content_type"`
	SizeBytes        int64             `json:"size_bytes"`
	SHA256           string            `json:"sha256"`
	Status           string            `json:"status"`
	URL              string            `json:"url"`
	Metadata         map[string]string `json:"metadata"`
}

// Upload puts bytes as curl -T does.
func (c *Client) Upload(tb testing.TB, name string, content []byte) File {
	tb.Helper()
	f, err := c.TryUpload(name, bytes.NewReader(content))
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// TryUpload is Upload for uploads that may fail.
func (c *Client) TryUpload(name string, body io.Reader) (File, error) {
	var f File
	a, err := c.Try(http.MethodPut, "/api/v1/files/"+url.PathEscape(name), "application/octet-stream", body)
	if err != nil {
		return f, err
	}
	if a.Code != http.StatusCreated {
		return f, fmt.Errorf("upload of %s answers %d: %s", name, a.Code, a.Body)
	}
	return f, json.Unmarshal(a.Body, &f)
}

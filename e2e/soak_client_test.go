package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// soakClient resumes whatever breaks: it knows nothing but the protocol.
type soakClient struct {
	url, token string
	http       *http.Client
	wire       *wire
}

// answer is what came back, with its body read.
type answer struct {
	code   int
	header http.Header
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %.200s", a.code, a.body) }

// ask sends one request; body counts what goes out.
func (c *soakClient) ask(method, path string, body []byte, header map[string]string) (answer, error) {
	req, err := http.NewRequest(method, c.url+path, c.wire.count(body))
	if err != nil {
		return answer{}, err
	}
	req.ContentLength = int64(len(body))
	req.Header.Set("Authorization", "Bearer "+c.token)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, got}, err
}

// until asks again until an answer has one of the codes: a portal that is down,
// or says that it cannot do it now (5xx), is asked again a moment later.
func (c *soakClient) until(what string, codes []int, ask func() (answer, error)) (answer, error) {
	deadline := time.Now().Add(3 * time.Minute)
	for {
		a, err := ask()
		for _, code := range codes {
			if err == nil && a.code == code {
				return a, nil
			}
		}
		if err == nil && a.code < 500 && a.code != http.StatusTooManyRequests {
			return a, fmt.Errorf("%s answers %s", what, a)
		}
		if time.Now().After(deadline) {
			return a, fmt.Errorf("%s: %v after three minutes, %w", what, a, err)
		}
		time.Sleep(20 * time.Millisecond) // the portal is starting again
	}
}

// tus uploads data in requests that break whenever the portal does.
func (c *soakClient) tus(name string, data []byte) error {
	v := map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": strconv.Itoa(len(data)),
		"Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte(name))}
	made, err := c.until("creation", []int{201}, func() (answer, error) { return c.ask("POST", "/files/", nil, v) })
	if err != nil {
		return err
	}
	at := made.header.Get("Location")
	c.wire.begin(at, len(data))
	for {
		head, err := c.until("HEAD", []int{200}, func() (answer, error) {
			return c.ask("HEAD", at, nil, map[string]string{"Tus-Resumable": "1.0.0"})
		})
		if err != nil {
			return err
		}
		offset, err := strconv.Atoi(head.header.Get("Upload-Offset"))
		if err != nil || offset > len(data) {
			return fmt.Errorf("HEAD says offset %q of %d", head.header.Get("Upload-Offset"), len(data))
		}
		c.wire.resumed(offset, len(data))
		if offset == len(data) {
			return nil
		}
		a, err := c.ask("PATCH", at, data[offset:], map[string]string{
			"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": strconv.Itoa(offset),
		})
		// 409: the request before this one was not known to be dead yet.
		if err == nil && a.code != 204 && a.code != 409 && a.code < 500 {
			return fmt.Errorf("PATCH at %d answers %s", offset, a)
		}
	}
}

// halfway tells whether some bytes of a tus upload count, and not all.
func (c *soakClient) halfway() bool {
	for at, total := range c.wire.uploads() {
		a, err := c.ask("HEAD", at, nil, map[string]string{"Tus-Resumable": "1.0.0"})
		if err != nil {
			continue
		}
		if offset, err := strconv.Atoi(a.header.Get("Upload-Offset")); err == nil && offset > 0 && offset < total {
			return true
		}
	}
	return false
}

// parts uploads data through the JSON API, each part until it is here.
func (c *soakClient) parts(name string, data []byte) error {
	ask, err := json.Marshal(map[string]any{"filename": name, "size_bytes": len(data)})
	if err != nil {
		return err
	}
	asJSON := map[string]string{"Content-Type": "application/json", "Idempotency-Key": name}
	made, err := c.until("creation", []int{201, 200}, func() (answer, error) { return c.ask("POST", "/api/v1/sessions", ask, asJSON) })
	if err != nil {
		return err
	}
	var s struct {
		ID        string `json:"id"`
		ChunkSize int    `json:"chunk_size_bytes"`
	}
	if err := json.Unmarshal(made.body, &s); err != nil {
		return err
	}
	at := "/api/v1/sessions/" + s.ID
	count := (len(data) + s.ChunkSize - 1) / s.ChunkSize
	errs := make([]error, count)
	var all sync.WaitGroup
	for i := range count { // side by side, as doorito upload does
		all.Go(func() {
			part := data[i*s.ChunkSize : min((i+1)*s.ChunkSize, len(data))]
			_, errs[i] = c.until(fmt.Sprintf("part %d", i+1), []int{200}, func() (answer, error) {
				return c.ask("PUT", fmt.Sprintf("%s/parts/%d", at, i+1), part, nil)
			})
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	_, err = c.until("completion", []int{200}, func() (answer, error) { return c.ask("POST", at+"/complete", []byte("{}"), asJSON) })
	return err
}

// count is a body that tells the wire what goes out.
func (w *wire) count(body []byte) io.Reader {
	if len(body) == 0 {
		return http.NoBody
	}
	return counted{bytes.NewReader(body), w}
}

type counted struct {
	io.Reader
	wire *wire
}

// Read passes on small pieces at some 5 MB/s: a kill comes where it was meant
// to, and finds bytes that count already.
func (c counted) Read(p []byte) (int, error) {
	time.Sleep(12 * time.Millisecond)
	n, err := c.Reader.Read(p[:min(len(p), 64<<10)])
	c.wire.pass(n)
	return n, err
}

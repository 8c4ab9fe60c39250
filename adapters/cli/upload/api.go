package upload

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// File is what the portal says of a file.
type File struct {
	ID       string            `json:"id"`
	Name     string            `json:"original_filename"`
	Size     int64             `json:"size_bytes"`
	SHA256   string            `json:"sha256"`
	Status   string            `json:"status"`
	Error    string            `json:"error"`
	URL      string            `json:"url"`
	Metadata map[string]string `json:"metadata"`
}

// here tells whether its bytes are there, or were handed on.
func (f *File) here() bool { return f.Status == "stored" || f.Status == "processed" }

// batch is what the portal says of a batch.
type batch struct {
	ID     string     `json:"id"`
	Label  string     `json:"label"`
	Status string     `json:"status"`
	Failed int        `json:"failed"`
	Sealed *time.Time `json:"sealed_at"`
}

// session is what the portal says of an upload session.
type session struct {
	ID        string   `json:"id"`
	Status    string   `json:"status"`
	ChunkSize int64    `json:"chunk_size_bytes"`
	Parts     int      `json:"total_parts"`
	Received  [][2]int `json:"received"` // numbers of parts, from and to
	Error     string   `json:"error_message"`
}

const replayed = "Idempotent-Replayed"

// me asks who the token is; the first word with the portal.
func (c *client) me(ctx context.Context) error {
	var who struct {
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	if _, err := c.do(ctx, call{method: http.MethodGet, path: "api/v1/me", out: &who}); err != nil {
		return err
	}
	if who.User.ID == "" {
		return &refusal{Detail: c.base.String() + " answers, but not as a portal does. Check --url."}
	}
	return nil
}

// openBatch returns the batch of the key; again tells that it was there.
func (c *client) openBatch(ctx context.Context, label, key string) (b *batch, again bool, err error) {
	b = &batch{}
	in := call{method: http.MethodPost, path: "api/v1/batches", key: key, json: map[string]string{"label": label}, out: b}
	header, err := c.do(ctx, in)
	return b, header.Get(replayed) != "", err
}

func (c *client) finalise(ctx context.Context, id string) (*batch, error) {
	b := &batch{}
	_, err := c.do(ctx, call{method: http.MethodPost, path: "api/v1/batches/" + id + "/finalise", json: struct{}{}, out: b})
	return b, err
}

// filesOf calls each for every file of the batch.
func (c *client) filesOf(ctx context.Context, id string, each func(*File)) error {
	query := url.Values{"limit": {"1000"}}
	for {
		var page struct {
			Items []*File `json:"items"`
			Next  string  `json:"next"`
		}
		if _, err := c.do(ctx, call{method: http.MethodGet, path: "api/v1/batches/" + id + "/files", query: query, out: &page}); err != nil {
			return err
		}
		for _, f := range page.Items {
			each(f)
		}
		if page.Next == "" {
			return nil
		}
		query.Set("after", page.Next)
	}
}

// content is a body to send, and what is told of its way.
type content struct {
	body func() io.Reader
	size int64
	undo func()
}

// put hands a file in by one request; again tells that the key made it before.
func (c *client) put(ctx context.Context, it *item, batch, key string, body content) (f *File, again bool, err error) {
	f = &File{}
	header, err := c.do(ctx, putCall(it, batch, key, body, f))
	return f, header.Get(replayed) != "", err
}

func putCall(it *item, batch, key string, body content, out *File) call {
	query := url.Values{}
	if batch != "" {
		query.Set("batch", batch)
	}
	if it.folder != "" {
		query.Set("path", it.folder)
	}
	return call{
		method: http.MethodPut, path: "api/v1/files/" + url.PathEscape(it.name), query: query, key: key,
		body: body.body, size: body.size, undo: body.undo, out: out,
	}
}

func (c *client) openSession(ctx context.Context, it *item, batch, key string) (s *session, again bool, err error) {
	s = &session{}
	what := map[string]any{"filename": it.name, "size_bytes": it.size}
	if batch != "" {
		what["batch_id"] = batch
	}
	if it.folder != "" {
		what["path"] = it.folder
	}
	header, err := c.do(ctx, call{method: http.MethodPost, path: "api/v1/sessions", key: key, json: what, out: s})
	return s, header.Get(replayed) != "", err
}

func (c *client) session(ctx context.Context, id string) (*session, error) {
	s := &session{}
	_, err := c.do(ctx, call{method: http.MethodGet, path: "api/v1/sessions/" + id, out: s})
	return s, err
}

func (c *client) putPart(ctx context.Context, session string, number int, body content) error {
	path := "api/v1/sessions/" + session + "/parts/" + strconv.Itoa(number)
	_, err := c.do(ctx, call{method: http.MethodPut, path: path, body: body.body, size: body.size, undo: body.undo})
	return err
}

// complete makes the file of a session, or returns the one it made.
func (c *client) complete(ctx context.Context, session, sum string) (*File, error) {
	f := &File{}
	what := map[string]string{}
	if sum != "" {
		what["sha256"] = sum
	}
	_, err := c.do(ctx, call{method: http.MethodPost, path: "api/v1/sessions/" + session + "/complete", json: what, out: f})
	return f, err
}

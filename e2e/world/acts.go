package world

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Password of every account made by MustAccount.
const Password = "a password for tests"

// MustAccount makes a user who can sign in and returns its actor.
func (w *World) MustAccount(t testing.TB, email string, role domain.Role) domain.Actor {
	t.Helper()
	u, err := w.Users.Create(context.Background(), domain.System(), email, "", Password, role)
	if err != nil {
		t.Fatal(err)
	}
	return domain.UserActor(u)
}

// MustUser makes a user without a password, which costs no slow hash.
func (w *World) MustUser(t testing.TB, email string, role domain.Role) domain.Actor {
	t.Helper()
	u, err := domain.NewUser(w.IDs.New(), email, "", role, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	err = w.DB.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error { return s.Users.Insert(ctx, u) })
	if err != nil {
		t.Fatal(err)
	}
	return domain.UserActor(u)
}

// MustUpload hands in text as a file.
func (w *World) MustUpload(t testing.TB, a domain.Actor, name, text string, batch *uuid.UUID) *domain.File {
	t.Helper()
	f, err := w.Uploads.Upload(context.Background(), a, usecase.UploadInput{Name: name, Size: int64(len(text)), BatchID: batch, Body: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// MustEndpoint makes an endpoint and returns it with its secret.
func (w *World) MustEndpoint(t testing.TB, url string, events ...string) (*domain.Endpoint, string) {
	t.Helper()
	e, secret, err := w.Endpoints.Create(context.Background(), domain.System(), domain.EndpointForm{URL: url, EventTypes: events})
	if err != nil {
		t.Fatal(err)
	}
	return e, secret
}

// Webhook is one request that a receiver got.
type Webhook struct {
	Header http.Header
	Body   []byte
}

// Receiver is a real HTTP server that keeps what it gets.
type Receiver struct {
	URL    string
	mu     sync.Mutex
	got    []Webhook
	status int
	hang   chan struct{} // requests wait for it when set
	change chan struct{}
}

// NewReceiver starts one that answers 204.
func NewReceiver(t testing.TB) *Receiver {
	t.Helper()
	r := &Receiver{status: http.StatusNoContent, change: make(chan struct{}, 1)}
	s := httptest.NewServer(r)
	t.Cleanup(func() { r.Release(); s.CloseClientConnections(); s.Close() })
	r.URL = s.URL
	return r
}

// ServeHTTP implements http.Handler.
func (r *Receiver) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.got = append(r.got, Webhook{req.Header.Clone(), bytes.Clone(body)})
	status, hang := r.status, r.hang
	r.mu.Unlock()
	select {
	case r.change <- struct{}{}:
	default:
	}
	if hang != nil {
		select {
		case <-hang:
		case <-req.Context().Done():
			return
		}
	}
	rw.WriteHeader(status)
}

// Answer sets the status of later answers.
func (r *Receiver) Answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// Hang makes later requests wait until Release.
func (r *Receiver) Hang() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hang = make(chan struct{})
}

// Release lets waiting requests go.
func (r *Receiver) Release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hang != nil {
		close(r.hang)
		r.hang = nil
	}
}

// Got returns what came so far.
func (r *Receiver) Got() []Webhook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Webhook(nil), r.got...)
}

// Await waits until at least n requests came.
func (r *Receiver) Await(t testing.TB, n int) []Webhook {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		if got := r.Got(); len(got) >= n {
			return got
		}
		select {
		case <-r.change:
		case <-deadline:
			t.Fatalf("%d webhooks came, not %d", len(r.Got()), n)
		}
	}
}

// Eventually waits for a condition that nothing announces.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	Within(t, 30*time.Second, what, ok)
}

// Within is Eventually with a limit of its own.
func Within(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("still not so after %s: %s", limit, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

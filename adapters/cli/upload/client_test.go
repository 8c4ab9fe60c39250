package upload

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

// against makes a client of a server that answers like this.
func against(t *testing.T, retryFor time.Duration, answer http.HandlerFunc) *client {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return newClient(base, &Options{Token: "secret", Parallel: 2, RetryFor: retryFor, Clock: wallClock{}, Random: func() float64 { return 0 }, Version: "test"})
}

func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"code":"x","detail":"`+detail+`"}`)
}

func TestWhatMayPassIsTriedAgainWithTheWholeBody(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	c := against(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch tries.Add(1) {
		case 1:
			panic(http.ErrAbortHandler) // the connection breaks
		case 2:
			w.WriteHeader(http.StatusBadGateway)
		case 3:
			w.Header().Set("Retry-After", "1")
			problem(w, http.StatusTooManyRequests, "Slow down.")
		default:
			if string(body) != "hello" || r.Header.Get("Authorization") != "Bearer secret" || r.Header.Get("Idempotency-Key") != "k" {
				t.Errorf("%q with %v", body, r.Header)
			}
			_, _ = io.WriteString(w, `{"id":"1"}`)
		}
	})
	undone, f := 0, &File{}
	start := time.Now()
	_, err := c.do(context.Background(), call{method: http.MethodPut, path: "x", key: "k", out: f, size: 5, undo: func() { undone++ }, body: func() io.Reader { return strings.NewReader("hello") }})
	if err != nil || f.ID != "1" || undone != 3 || tries.Load() != 4 {
		t.Errorf("%v, %+v, undone %d times in %d tries", err, f, undone, tries.Load())
	}
	if took := time.Since(start); took < time.Second {
		t.Errorf("Retry-After of a second was not waited for: %s", took)
	}
}

func TestWhatIsRefusedIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for status, ends := range map[int]bool{400: false, 401: true, 403: false, 404: false, 409: false, 410: false, 413: false, 415: false, 422: false, 501: false} {
		tries := 0
		c := against(t, time.Minute, func(w http.ResponseWriter, _ *http.Request) {
			tries++
			problem(w, status, "No.")
		})
		_, err := c.do(context.Background(), call{method: http.MethodGet, path: "x"})
		var end endOfRun
		if !refused(err, status) || err.Error() != "No." || tries != 1 || errors.As(err, &end) != ends {
			t.Errorf("%d: %v after %d tries", status, err, tries)
		}
	}
}

func TestAPortalThatStaysAwayEndsTheRunInTime(t *testing.T) {
	t.Parallel()
	c := against(t, 600*time.Millisecond, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	told := 0
	c.trouble = func(error) { told++ }
	start := time.Now()
	_, err := c.do(context.Background(), call{method: http.MethodGet, path: "x"})
	var end endOfRun
	if !errors.As(err, &end) || !strings.Contains(err.Error(), "does not answer: the connection broke") || told == 0 || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %s, told %d times", err, time.Since(start), told)
	}
}

func TestTheTokenDoesNotFollowRedirects(t *testing.T) {
	t.Parallel()
	c := against(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			t.Error("the redirect was followed")
		}
		http.Redirect(w, r, "/elsewhere", http.StatusMovedPermanently)
	})
	if _, err := c.do(context.Background(), call{method: http.MethodGet, path: "x"}); err == nil || !strings.Contains(err.Error(), "sends on to /elsewhere") {
		t.Error(err)
	}
}

func TestAnotherServerIsNotTakenForAPortal(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"<html>", "{}"} {
		c := against(t, time.Minute, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })
		if err := c.me(context.Background()); err == nil || !strings.Contains(err.Error(), "not as a portal does") {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"doorito/adapters/s3"
	"doorito/domain"
	"doorito/e2e/services"
	"doorito/ports/portstest"
)

// behind returns settings that reach the storage through a proxy. The Host
// header stays that of the proxy, which the requests were signed for.
func behind(t *testing.T, srv services.TestS3, meddle func(w http.ResponseWriter, r *http.Request, next http.Handler)) s3.Config {
	t.Helper()
	target, err := url.Parse(srv.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { meddle(w, r, proxy) }))
	t.Cleanup(front.Close)
	c := settings(srv)
	c.Endpoint = front.URL
	return c
}

func isComplete(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Query().Has("uploadId")
}

func isPart(r *http.Request) bool {
	return r.Method == http.MethodPut && r.URL.Query().Has("partNumber")
}

// The storage completed the object but its answer was lost: the next try is
// told NoSuchUpload, and the object is there.
func TestCommitFindsWhatALostAnswerCompleted(t *testing.T) {
	t.Parallel()
	var lost atomic.Bool
	b := mustNew(t, behind(t, services.S3(t), func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if isComplete(r) && lost.CompareAndSwap(false, true) {
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	}))
	data := portstest.Bytes(20 << 20)
	portstest.MustStore(t, b, "a/lost", data, -1, 1<<20)
	if !lost.Load() {
		t.Fatal("no answer was lost")
	}
	if info, err := b.Stat(t.Context(), "a/lost"); err != nil || info.Size != int64(len(data)) {
		t.Fatal(info, err)
	}
}

// A storage that never says whether it made the object: Abort removes it.
func TestAbortRemovesWhatAnUnclearCommitMade(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"small": 10, "large": 9 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := services.S3(t)
			ctx, cancel := context.WithCancel(t.Context())
			b := mustNew(t, behind(t, srv, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if isComplete(r) || r.Method == http.MethodPut && !isPart(r) {
					next.ServeHTTP(httptest.NewRecorder(), r)
					cancel()
					panic(http.ErrAbortHandler)
				}
				next.ServeHTTP(w, r)
			}))
			w := begin(t, b, "a/unclear", n)
			if err := w.Commit(ctx); err == nil {
				t.Fatal("Commit succeeds without an answer")
			}
			look(srv).want(t, 1, 0)
			if err := w.Abort(ctx); err != nil {
				t.Fatal(err)
			}
			look(srv).want(t, 0, 0)
		})
	}
}

func TestPartThatBreaksOffIsSentAgain(t *testing.T) {
	t.Parallel()
	var broken atomic.Int32
	b := mustNew(t, behind(t, services.S3(t), func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if isPart(r) && broken.Add(1) <= 2 {
			_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	}))
	data := portstest.Bytes(20<<20 + 1)
	portstest.MustStore(t, b, "a/again", data, int64(len(data)), 1<<20)
	r, err := b.Open(t.Context(), "a/again", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, data) {
		t.Fatal(len(got), err)
	}
}

func TestStorageThatRefusesAPartEndsTheWriter(t *testing.T) {
	t.Parallel()
	srv, budget := services.S3(t), s3.NewBudget(64<<20)
	c := behind(t, srv, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if isPart(r) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
	c.Budget = budget
	b := mustNew(t, c)
	w, err := b.Create(t.Context(), "a/refused", -1)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err = w.Write(portstest.Bytes(1 << 20)); err != nil {
			break
		}
	}
	if !domain.IsCode(err, domain.Unavailable) || errors.Is(err, context.Canceled) {
		t.Fatalf("Write: %v", err)
	}
	if err := w.Commit(t.Context()); !domain.IsCode(err, domain.Unavailable) {
		t.Fatalf("Commit: %v", err)
	}
	if err := w.Abort(t.Context()); err != nil || budget.Used() != 0 {
		t.Fatal(err, budget.Used())
	}
	look(srv).want(t, 0, 0)
}

// More writers than the budget has parts for, all at once.
func TestWritersOverTheBudgetWaitAndNoneFails(t *testing.T) {
	t.Parallel()
	c := settings(services.S3(t))
	c.Budget = s3.NewBudget(10 << 20)
	b := mustNew(t, c)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			w, err := b.Create(t.Context(), "a/"+string(rune('a'+i)), -1)
			if err != nil {
				t.Error(err)
				return
			}
			data := portstest.Bytes(17 << 20)
			for len(data) > 0 {
				n := min(len(data), 1<<20)
				if _, err := w.Write(data[:n]); err != nil {
					t.Error(err)
					return
				}
				data = data[n:]
				if used := c.Budget.Used(); used > 10<<20 {
					t.Errorf("%d bytes are charged", used)
				}
			}
			if err := w.Commit(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if used := c.Budget.Used(); used != 0 {
		t.Errorf("%d bytes are still charged", used)
	}
}

package s3_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"doorito/adapters/s3"
	"doorito/domain"
	"doorito/e2e/services"
	"doorito/ports"
	"doorito/ports/portstest"
)

// stage appends data in one request with a checkpoint after every so many
// bytes, and returns the last note.
func stage(t *testing.T, b *s3.Blobs, key string, note []byte, offset int, data []byte, every int) []byte {
	t.Helper()
	w, err := b.Append(t.Context(), key, note, int64(offset))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for len(data) > 0 {
		n := min(every, len(data))
		if _, err := w.Write(data[:n]); err != nil {
			t.Fatal(err)
		}
		if note, err = w.Checkpoint(t.Context())(); err != nil {
			t.Fatal(err)
		}
		data = data[n:]
	}
	return note
}

func mustBegin(t *testing.T, b *s3.Blobs, key string, total int) []byte {
	t.Helper()
	note, err := b.Begin(t.Context(), key, int64(total))
	if err != nil {
		t.Fatal(err)
	}
	return note
}

func wantContent(t *testing.T, b *s3.Blobs, key string, want []byte) {
	t.Helper()
	r, err := b.Open(t.Context(), key, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s has %d bytes that differ from the %d written: %v", key, len(got), len(want), err)
	}
}

// mustFinish wants the blob to have these bytes.
func mustFinish(t *testing.T, b *s3.Blobs, key string, note, data []byte) {
	t.Helper()
	if err := b.Finish(t.Context(), key, note, int64(len(data)), nil); err != nil {
		t.Fatal(err)
	}
	wantContent(t, b, key, data)
}

// The storage completed the object, the process died before it heard of it.
func TestFinishFindsWhatALostAnswerCompleted(t *testing.T) {
	t.Parallel()
	srv, data := services.S3(t), portstest.Bytes(17<<20)
	var lost atomic.Int32
	b := mustNew(t, behind(t, srv, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if isComplete(r) {
			lost.Add(1)
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	}))
	note := stage(t, b, "a/lost", mustBegin(t, b, "a/lost", len(data)), 0, data, 3<<20)
	_ = b.Finish(t.Context(), "a/lost", note, int64(len(data)), nil) // the SDK may find out by itself
	if lost.Load() == 0 {
		t.Fatal("no answer was lost")
	}
	after := mustNew(t, settings(srv))
	mustFinish(t, after, "a/lost", note, data)
	look(srv).want(t, 1, 0)
}

// A slow upload with a checkpoint each second: bytes are not written again and
// again, tails stay few, and the note does not grow.
func TestManyCheckpointsWriteFewTails(t *testing.T) {
	t.Parallel()
	srv, data := services.S3(t), portstest.Bytes(7<<20)
	var sent atomic.Int64
	b := mustNew(t, behind(t, srv, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, ".tail.") {
			sent.Add(r.ContentLength)
		}
		next.ServeHTTP(w, r)
	}))
	note := stage(t, b, "a/slow", mustBegin(t, b, "a/slow", 20<<20), 0, data, 64<<10)
	if times := float64(sent.Load()) / float64(len(data)); times > 5 {
		t.Errorf("each byte was written %.1f times", times)
	}
	if objects, uploads := look(srv).has(t); objects > 12 || uploads != 1 {
		t.Errorf("%d tails, %d uploads", objects, uploads)
	}
	if len(note) > 2000 {
		t.Errorf("the note has %d bytes", len(note))
	}
	if err := b.Discard(t.Context(), "a/slow", note); err != nil {
		t.Fatal(err)
	}
	look(srv).want(t, 0, 0)
}

// A writer in another process that is late replaces a part: the file must not
// become a mixture.
func TestPartsOfTwoWritersAreNotMixed(t *testing.T) {
	t.Parallel()
	srv, data := services.S3(t), portstest.Bytes(17<<20)
	one, two := mustNew(t, settings(srv)), mustNew(t, settings(srv))
	begun := mustBegin(t, one, "a/mixed", len(data))
	note := stage(t, two, "a/mixed", begun, 0, data, 8<<20)
	stage(t, one, "a/mixed", begun, 0, bytes.Repeat([]byte{0xee}, 8<<20), 8<<20)
	err := two.Finish(t.Context(), "a/mixed", note, int64(len(data)), nil)
	if !domain.IsCode(err, domain.Conflict) {
		t.Fatalf("Finish: %v", err)
	}
	if _, err := two.Stat(t.Context(), "a/mixed"); !domain.IsCode(err, domain.NotFound) {
		t.Fatalf("Stat: %v", err)
	}
	part := mustBegin(t, two, "a/part", len(data))
	var parts []*domain.UploadPart
	for i := range 3 {
		body := data[i*8<<20 : min((i+1)*8<<20, len(data))]
		tag, err := two.WritePart(t.Context(), "a/part", part, i+1, int64(i*8<<20), int64(len(body)), bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, &domain.UploadPart{Number: i + 1, Offset: int64(i * 8 << 20), Size: int64(len(body)), Tag: tag})
	}
	if _, err := one.WritePart(t.Context(), "a/part", part, 2, 8<<20, 8<<20, bytes.NewReader(make([]byte, 8<<20))); err != nil {
		t.Fatal(err)
	}
	if err := two.Finish(t.Context(), "a/part", part, int64(len(data)), parts); !domain.IsCode(err, domain.Conflict) {
		t.Fatalf("Finish of parts: %v", err)
	}
}

// A storage that fails once in the middle: the bytes before it are kept, and
// the next request goes on.
func TestCheckpointThatFailsIsMadeUpByTheNextRequest(t *testing.T) {
	t.Parallel()
	srv, data := services.S3(t), portstest.Bytes(19<<20)
	var down atomic.Bool
	c := behind(t, srv, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if down.Load() && r.Method == http.MethodPut {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
	c.Budget = s3.NewBudget(64 << 20)
	b := mustNew(t, c)
	note := stage(t, b, "a/down", mustBegin(t, b, "a/down", len(data)), 0, data[:10<<20], 3<<20)
	w, err := b.Append(t.Context(), "a/down", note, 10<<20)
	if err != nil {
		t.Fatal(err)
	}
	down.Store(true)
	_, _ = w.Write(data[10<<20:])
	if _, err := w.Checkpoint(t.Context())(); !domain.IsCode(err, domain.Unavailable) {
		t.Fatalf("Checkpoint: %v", err)
	}
	if err := w.Close(); err != nil || c.Budget.Used() != 0 {
		t.Fatal(err, c.Budget.Used())
	}
	down.Store(false)
	note = stage(t, b, "a/down", note, 10<<20, data[10<<20:], 3<<20)
	mustFinish(t, b, "a/down", note, data)
	look(srv).want(t, 1, 0)
}

// A storage that cannot copy parts.
func TestJoinStreamsWhereTheStorageCannotCopy(t *testing.T) {
	t.Parallel()
	srv, data := services.S3(t), portstest.Bytes(15<<20)
	var asked atomic.Int32
	b := mustNew(t, behind(t, srv, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get("X-Amz-Copy-Source") != "" {
			asked.Add(1)
			w.WriteHeader(http.StatusNotImplemented)
			_, _ = io.WriteString(w, "<Error><Code>NotImplemented</Code></Error>")
			return
		}
		next.ServeHTTP(w, r)
	}))
	one := stage(t, b, "a/one", mustBegin(t, b, "a/one", 9<<20), 0, data[:9<<20], 4<<20)
	two := stage(t, b, "a/two", mustBegin(t, b, "a/two", 6<<20), 0, data[9<<20:], 4<<20)
	sources := []ports.JoinSource{{Key: "a/one", Stage: one, Size: 9 << 20}, {Key: "a/two", Stage: two, Size: 6 << 20}}
	if err := b.Join(t.Context(), "a/final", sources); err != nil || asked.Load() == 0 {
		t.Fatal(err, asked.Load())
	}
	wantContent(t, b, "a/final", data)
	for _, src := range sources {
		if err := b.Discard(t.Context(), src.Key, src.Stage); err != nil {
			t.Fatal(err)
		}
	}
	look(srv).want(t, 1, 0)
}

// More uploads than the budget has parts for: they wait, and none fails.
func TestStagesOverTheBudgetWaitAndNoneFails(t *testing.T) {
	t.Parallel()
	c := settings(services.S3(t))
	c.Budget = s3.NewBudget(16 << 20)
	b, data := mustNew(t, c), portstest.Bytes(17<<20)
	var wg sync.WaitGroup
	for i := range 6 {
		key := "a/" + string(rune('a'+i))
		note := mustBegin(t, b, key, len(data))
		wg.Go(func() {
			w, err := b.Append(t.Context(), key, note, 0)
			if err != nil {
				t.Error(err)
				return
			}
			defer w.Close()
			for at := 0; at < len(data); at += 1 << 20 {
				if _, err := w.Write(data[at : at+1<<20]); err != nil {
					t.Error(err)
				}
				if used := c.Budget.Used(); used > 16<<20 {
					t.Errorf("%d bytes are charged", used)
				}
			}
			if note, err = w.Checkpoint(t.Context())(); err != nil {
				t.Error(err)
				return
			}
			if err := b.Finish(t.Context(), key, note, int64(len(data)), nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if used := c.Budget.Used(); used != 0 {
		t.Errorf("%d bytes are still charged", used)
	}
}

// A slow upload holds the whole budget: others pass it at its next checkpoint,
// or at once when it was idle since its last; then it goes on.
func TestOthersPassASlowUpload(t *testing.T) {
	t.Parallel()
	t.Run("at its checkpoint", func(t *testing.T) { t.Parallel(); passSlow(t, false) })
	t.Run("idle since a checkpoint", func(t *testing.T) { t.Parallel(); passSlow(t, true) })
}

func passSlow(t *testing.T, idle bool) {
	c := settings(services.S3(t))
	c.Budget = s3.NewBudget(8 << 20)
	b, data := mustNew(t, c), portstest.Bytes(12<<20)
	slow, err := b.Append(t.Context(), "a/slow", mustBegin(t, b, "a/slow", len(data)), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if _, err := slow.Write(data[:5<<20]); err != nil {
		t.Fatal(err)
	}
	if idle {
		if _, err = slow.Checkpoint(t.Context())(); err != nil {
			t.Fatal(err)
		}
	}
	fast, passed := mustBegin(t, b, "a/fast", len(data)), make(chan struct{})
	go func() {
		defer close(passed)
		w, err := b.Append(t.Context(), "a/fast", fast, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer w.Close()
		if _, err := w.Write(data); err != nil {
			t.Error(err)
		}
		if fast, err = w.Checkpoint(t.Context())(); err != nil {
			t.Error(err)
		}
	}()
	for waiting := true; waiting && !idle; {
		if _, err = slow.Checkpoint(t.Context())(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-passed:
			waiting = false
		default:
		}
	}
	<-passed
	if _, err := slow.Write(data[5<<20:]); err != nil {
		t.Fatal(err)
	}
	note, err := slow.Checkpoint(t.Context())()
	if err != nil {
		t.Fatal(err)
	}
	for key, note := range map[string][]byte{"a/slow": note, "a/fast": fast} {
		if err := b.Finish(t.Context(), key, note, int64(len(data)), nil); err != nil {
			t.Fatal(err)
		}
		wantContent(t, b, key, data)
	}
}

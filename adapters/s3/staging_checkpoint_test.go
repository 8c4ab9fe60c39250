package s3_test

import (
	"net/http"
	"sync"
	"testing"

	"doorito/adapters/s3"
	"doorito/domain"
	"doorito/e2e/services"
	"doorito/ports"
	"doorito/ports/portstest"
)

// holding is a storage that holds the first part until it is let go, and then
// takes or loses it. there is closed when it has come.
func holding(t *testing.T, srv services.TestS3, loses bool) (b *s3.Blobs, there <-chan struct{}, letGo func()) {
	t.Helper()
	came, hold := make(chan struct{}), make(chan struct{})
	var once sync.Once
	b = mustNew(t, behind(t, srv, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		held := false
		if isPart(r) {
			once.Do(func() { held = true })
		}
		if held {
			close(came)
			<-hold
		}
		if held && loses {
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	}))
	return b, came, sync.OnceFunc(func() { close(hold) })
}

// Between two parts a checkpoint is made while the writer goes on, and tells of
// no byte that is still on its way.
func TestWriterGoesOnWhileAPartThatIsCheckpointedIsSent(t *testing.T) {
	t.Parallel()
	srv, data := services.S3(t), portstest.Bytes(24<<20)
	b, there, letGo := holding(t, srv, false)
	defer letGo()
	w, err := b.Append(t.Context(), "a/ahead", mustBegin(t, b, "a/ahead", len(data)), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	write := func(from, to int) {
		t.Helper()
		if _, err := w.Write(data[from:to]); err != nil {
			t.Fatal(err)
		}
	}
	write(0, 8<<20)
	if due := w.Due(); due != ports.Due {
		t.Errorf("after a part the urgency is %d", due)
	}
	wait := w.Checkpoint(t.Context())
	<-there
	write(8<<20, 20<<20)
	letGo()
	note, err := wait()
	if err != nil {
		t.Fatal(err)
	}
	// A process that takes over here knows of the first part alone.
	other := mustNew(t, settings(srv))
	if _, err := other.Append(t.Context(), "a/ahead", note, 16<<20); !domain.IsCode(err, domain.Conflict) {
		t.Errorf("the note of 8 MiB goes on at 16: %v", err)
	}
	write(20<<20, 24<<20)
	if note, err = w.Checkpoint(t.Context())(); err != nil {
		t.Fatal(err)
	}
	mustFinish(t, b, "a/ahead", note, data)
	look(srv).want(t, 1, 0)
}

// A writer that is ended while a checkpoint waits for its parts makes no note of
// them.
func TestCheckpointOfAWriterThatWasTakenOverFails(t *testing.T) {
	t.Parallel()
	srv, data := services.S3(t), portstest.Bytes(24<<20)
	b, there, letGo := holding(t, srv, true)
	defer letGo()
	begun := mustBegin(t, b, "a/taken", len(data))
	w, err := b.Append(t.Context(), "a/taken", begun, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Write(data[:8<<20]); err != nil {
		t.Fatal(err)
	}
	wait := w.Checkpoint(t.Context())
	<-there
	note := stage(t, b, "a/taken", begun, 0, data, 8<<20)
	if stage, err := wait(); !domain.IsCode(err, domain.Conflict) {
		t.Errorf("a writer that was taken over notes %s, %v", stage, err)
	}
	letGo()
	mustFinish(t, b, "a/taken", note, data)
}

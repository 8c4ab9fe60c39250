package sessions_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/app/sessions"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var errDied = errors.New("the process died here")

// dying is a database and storage whose process dies at one step: that step
// fails, done or not, and every later one too.
type dying struct {
	ports.Transactor
	ports.Staging
	before string // the step that is not done any more
	after  string // or the last one that is done
	dead   bool
}

func (d *dying) step(name string, do func() error) error {
	if d.dead || name == d.before {
		d.dead = true
		return errDied
	}
	err := do()
	if name == d.after {
		d.dead = true
		return errDied
	}
	return err
}

// InTx is named after what the transaction leaves the session in.
func (d *dying) InTx(ctx context.Context, fn func(context.Context, ports.Stores) error) error {
	if d.dead {
		return errDied
	}
	name := ""
	err := d.Transactor.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		w := &watched{Sessions: s.Sessions}
		s.Sessions = w
		if err := fn(ctx, s); err != nil {
			return err
		}
		if name = w.saved; name == d.before && name != "" {
			d.dead = true
			return errDied
		}
		return nil
	})
	if err == nil && name == d.after && name != "" {
		d.dead = true
		return errDied
	}
	return err
}

type watched struct {
	ports.Sessions
	saved string
}

func (w *watched) Save(ctx context.Context, s *domain.UploadSession, from ...domain.SessionStatus) error {
	if err := w.Sessions.Save(ctx, s, from...); err != nil {
		return err
	}
	if w.saved = "commit " + string(s.Status); s.Status == domain.SessionInProgress && s.BytesReceived > 0 {
		w.saved = "checkpoint"
	}
	return nil
}

func (d *dying) Finish(ctx context.Context, key string, stage []byte, size int64, parts []*domain.UploadPart) error {
	return d.step("finish", func() error { return d.Staging.Finish(ctx, key, stage, size, parts) })
}

func (d *dying) Join(ctx context.Context, key string, sources []ports.JoinSource) error {
	return d.step("join", func() error { return d.Staging.Join(ctx, key, sources) })
}

func (d *dying) Discard(ctx context.Context, key string, stage []byte) error {
	return d.step("discard", func() error { return d.Staging.Discard(ctx, key, stage) })
}

// dies makes a process that dies where d says.
func (b *bench) dies(d *dying) *sessions.Sessions {
	d.Transactor, d.Staging = b.DB, b.Blobs
	return &sessions.Sessions{
		DB: d, Blobs: noDelete{b.Blobs, d}, Staging: d, Sniffer: b.Sessions.Sniffer, Clock: b.Clock, IDs: b.IDs, Log: b.Log,
		Limits: b.Sessions.Limits, TTL: b.Sessions.TTL,
	}
}

// noDelete removes no blob after its process died.
type noDelete struct {
	ports.Blobs
	d *dying
}

func (n noDelete) Delete(ctx context.Context, key string) error {
	return n.d.step("delete", func() error { return n.Blobs.Delete(ctx, key) })
}

// completions are the steps between the last byte and the event, each once
// not done and once done without an answer.
func completions(blob string) map[string]*dying {
	return map[string]*dying{
		"before completing":              {before: "commit completing"},
		"completing / blob completed":    {after: "commit completing"},
		"blob not completed":             {before: blob},
		"blob completed / final commit":  {after: blob},
		"final commit not done":          {before: "commit complete"},
		"final commit without an answer": {after: "commit complete"},
	}
}

func TestAnUploadWhoseProcessDiesInCompletionIsFinished(t *testing.T) {
	t.Parallel()
	data := bytesOf(domain.MinChunkSize + 5)
	for name, d := range completions("finish") {
		for _, mode := range []string{"in order", "in parts"} {
			t.Run(name+", "+mode, func(t *testing.T) {
				t.Parallel()
				each(t, func(b *bench) {
					s, dead := b.create(sized(len(data))), b.dies(&dying{before: d.before, after: d.after})
					if mode == "in order" {
						b.sendTo(dead, s, data)
					} else {
						b.must(b.put(s.ID, 1, cut(data, 1)))
						b.must(b.put(s.ID, 2, cut(data, 2)))
						_, _ = dead.Complete(t.Context(), b.staff, s.ID, "")
					}
					b.sweep(domain.TaskSweep)
					if d.after != "commit complete" && b.session(s.ID).Status == domain.SessionComplete {
						t.Fatal("swept although it may be living")
					}
					b.Clock.Advance(sessions.CompletingFor + time.Second)
					b.sweep(domain.TaskSweep)
					if at := b.session(s.ID); at.Status == domain.SessionInProgress { // the client comes back
						b.comesBack(at, data)
					}
					b.stored(s.ID, data)
				})
			})
		}
	}
}

func (b *bench) sendTo(dead *sessions.Sessions, s *domain.UploadSession, data []byte) {
	body, end := io.Pipe()
	go func() {
		_, _ = end.Write(data)
		end.Close()
	}()
	_, _ = dead.Append(b.t.Context(), b.staff, s.ID, usecase.AppendInput{Size: int64(len(data)), Body: body})
	body.Close()
}

func (b *bench) comesBack(at *domain.UploadSession, data []byte) {
	b.t.Helper()
	if at.Mode == domain.ModeParts {
		_, err := b.Sessions.Complete(b.t.Context(), b.staff, at.ID, "")
		b.must(err)
		return
	}
	_, err := b.send(at.ID, int(at.BytesReceived), data[at.BytesReceived:])
	b.must(err)
}

func TestAnUploadWhoseProcessDiesAtACheckpointGoesOn(t *testing.T) {
	t.Parallel()
	data := bytesOf(20 * mib)
	for name, d := range map[string]*dying{
		"bytes synced / row written": {before: "checkpoint"},
		"row written without answer": {after: "checkpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(b *bench) {
				s := b.create(sized(len(data)))
				b.sendTo(b.dies(&dying{before: d.before, after: d.after}), s, data)
				at := b.session(s.ID)
				if at.BytesReceived == int64(len(data)) || d.before != "" && at.BytesReceived != 0 || d.after != "" && at.BytesReceived == 0 {
					t.Fatalf("%d bytes are noted", at.BytesReceived)
				}
				b.comesBack(at, data)
				b.stored(s.ID, data)
			})
		})
	}
}

func TestAFinalWhoseProcessDiesIsFinished(t *testing.T) {
	t.Parallel()
	for name, d := range completions("join") {
		if d.before == "commit completing" || d.after == "commit completing" {
			continue // it is inserted in completing
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(b *bench) {
				p1, p2 := b.partial([]byte("hello ")), b.partial([]byte("world"))
				_, _ = b.dies(&dying{before: d.before, after: d.after}).Join(t.Context(), b.staff, usecase.SessionInput{Name: "a.txt"}, []uuid.UUID{p1, p2})
				b.Clock.Advance(sessions.CompletingFor + time.Second)
				b.sweep(domain.TaskSweep)
				page, err := b.DB.Reads().Sessions.List(t.Context(), ports.ListQuery{Filters: map[string][]string{"kind": {"final"}}})
				if err != nil || len(page.Items) != 1 {
					t.Fatal(len(page.Items), err)
				}
				b.stored(page.Items[0].ID, []byte("hello world"))
			})
		})
	}
}

func TestAnAbortedUploadWhoseProcessDiesIsClearedAway(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*dying{
		"before anything": {before: "commit aborted"}, "after the commit": {after: "commit aborted"},
		"before the pieces go": {before: "discard"}, "after that": {after: "discard"}, "before the blob goes": {before: "delete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(b *bench) {
				s := b.create(sized(10))
				if _, err := b.send(s.ID, 0, []byte("hello")); err != nil {
					t.Fatal(err)
				}
				_ = b.dies(&dying{before: d.before, after: d.after}).Abort(t.Context(), b.staff, s.ID)
				if d.before == "commit aborted" {
					b.must(b.Sessions.Abort(t.Context(), b.staff, s.ID))
				}
				b.sweep(domain.TaskFilesCleanup)
				b.gone(s.ID, domain.SessionAborted)
			})
		})
	}
}

// What no repair can mend ends with a reason, instead of being tried for ever.
func TestAnUploadWhosePiecesAreLostFails(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		s := b.create(sized(5))
		b.sendTo(b.dies(&dying{after: "commit completing"}), s, []byte("hello"))
		at := b.session(s.ID)
		b.must(b.Blobs.Discard(t.Context(), at.StorageKey, at.Stage))
		b.Clock.Advance(sessions.CompletingFor + time.Second)
		b.sweep(domain.TaskSweep)
		b.gone(s.ID, domain.SessionFailed)
	})
}

// A storage that is away for a while loses nothing.
func TestACompletionThatFailsForNowIsDoneLater(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		s := b.create(sized(5))
		away := b.dies(&dying{before: "finish"})
		_, err := away.Append(t.Context(), b.staff, s.ID, usecase.AppendInput{Size: 5, Body: strings.NewReader("hello")})
		if err == nil || b.session(s.ID).Status != domain.SessionCompleting {
			t.Fatal(err, b.session(s.ID).Status)
		}
		if f := b.file(s); f.Status != domain.FileUploading {
			t.Fatalf("the file is %s", f.Status)
		}
		if _, err := b.send(s.ID, 5, nil); err != nil { // the client asks again
			t.Fatal(err)
		}
		b.stored(s.ID, []byte("hello"))
	})
}

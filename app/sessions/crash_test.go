package sessions_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/worker"
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

// The crash table of the design: "`completing` / blob completed".
func TestCrashCompletingBlobCompleted(t *testing.T) {
	t.Parallel()
	diesInCompletion(t, map[string]*dying{"after completing": {after: "commit completing"}, "before the blob": {before: "finish"}})
}

// The crash table of the design: "blob completed / final commit".
func TestCrashBlobCompletedFinalCommit(t *testing.T) {
	t.Parallel()
	diesInCompletion(t, map[string]*dying{"after the blob": {after: "finish"}, "before the commit": {before: "commit complete"}})
}

// Its neighbours: nothing said completing yet, or everything is done and the
// answer was lost.
func TestCrashBeforeCompletingAndAfterTheFinalCommit(t *testing.T) {
	t.Parallel()
	diesInCompletion(t, map[string]*dying{"before completing": {before: "commit completing"}, "after the commit": {after: "commit complete"}})
}

// diesInCompletion kills a process at each point, in both modes, and wants the
// repair of another within the minute that the table gives it.
func diesInCompletion(t *testing.T, points map[string]*dying) {
	for name, d := range points {
		for _, mode := range []string{"in order", "in parts"} {
			t.Run(name+", "+mode, func(t *testing.T) {
				t.Parallel()
				each(t, func(b *bench) {
					data := bytesOf(b.severalParts())
					s, dead := b.create(sized(len(data))), b.dies(&dying{before: d.before, after: d.after})
					if mode == "in order" {
						b.sendTo(dead, s, data)
					} else {
						for n := range s.TotalParts() {
							b.must(b.put(s.ID, n+1, cut(data, n+1)))
						}
						_, _ = dead.Complete(t.Context(), b.staff, s.ID, "")
					}
					b.repair()
					if d.after != "commit complete" && b.session(s.ID).Status == domain.SessionComplete {
						t.Fatal("repaired although it may be living")
					}
					b.Clock.Advance(sessions.CompletingFor + time.Second)
					b.repair()
					if at := b.session(s.ID); at.Status == domain.SessionInProgress { // the client comes back
						b.comesBack(at, data)
					}
					b.stored(s.ID, data)
				})
			})
		}
	}
}

// severalParts is a size that the storage keeps in several pieces.
func (b *bench) severalParts() int {
	if b.OnS3() {
		return domain.MinChunkSize + 5
	}
	return 70_000
}

// repair is what a worker's loop does every few seconds, in another process.
func (b *bench) repair() int {
	b.t.Helper()
	n, err := b.Another(b.t).Sessions.FinishLeft(b.t.Context(), 100)
	b.must(err)
	return n
}

// A worker looks often enough for the minute of the table.
func TestCrashRepairsComeWithinAMinute(t *testing.T) {
	t.Parallel()
	if late := sessions.CompletingFor + worker.RepairEvery; late > time.Minute {
		t.Errorf("a completion that died may wait %s", late)
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

// The crash table of the design: "bytes synced / row written".
func TestCrashBytesSyncedRowWritten(t *testing.T) {
	t.Parallel()
	data := bytesOf(stride + mib)
	for name, d := range map[string]*dying{
		"before the row":        {before: "checkpoint"},
		"row without an answer": {after: "checkpoint"},
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
	for name, d := range map[string]*dying{ // it is inserted in completing
		"before the blob": {before: "join"}, "after the blob": {after: "join"},
		"before the commit": {before: "commit complete"}, "after the commit": {after: "commit complete"},
	} {
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

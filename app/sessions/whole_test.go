package sessions_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// arriving is a body of which so much is here at once, and the rest later.
type arriving struct {
	*bytes.Reader
	here int
}

func (a *arriving) ReadReady(p []byte, _ time.Duration) (int, error) {
	return io.ReadFull(a.Reader, p[:min(len(p), a.here)])
}

func atOnce(data []byte) usecase.AppendInput {
	return usecase.AppendInput{Size: int64(len(data)), Body: &arriving{bytes.NewReader(data), len(data)}}
}

// createWith creates an upload whose bytes come along, and appends what is left.
func (b *bench) createWith(in usecase.SessionInput, first usecase.AppendInput) (*domain.UploadSession, error) {
	b.t.Helper()
	in.First = &first
	s, created, err := b.Sessions.Create(b.t.Context(), b.staff, in)
	if err != nil || !created {
		b.t.Fatal(created, err)
	}
	if s.Status == domain.SessionComplete {
		return s, nil
	}
	return b.Sessions.Append(b.t.Context(), b.staff, s.ID, first)
}

// shortWay refuses every writer of the long one.
type shortWay struct{ ports.Staging }

func (shortWay) Begin(context.Context, string, int64) ([]byte, error) {
	return nil, domain.Errorf(domain.Internal, "the long way was taken")
}

func TestASmallUploadThatIsAllThereIsStoredAtOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		b.Sessions.Staging = shortWay{b.Blobs}
		for _, size := range []int{1, 10_000, 256 << 10} {
			data := bytesOf(size)
			s := b.create(sized(size))
			if s, err := b.Sessions.Append(t.Context(), b.staff, s.ID, atOnce(data)); err != nil || s.BytesReceived != int64(size) || s.SHA256() != sha(data) {
				t.Fatal(s, err)
			}
			b.stored(s.ID, data)

			batch, _, err := b.Uploads.CreateBatch(t.Context(), b.staff, "of one", "")
			b.must(err)
			in := sized(size)
			in.BatchID, in.SHA256 = &batch.ID, sha(data)
			s, err = b.createWith(in, atOnce(data))
			if err != nil || s.BytesReceived != int64(size) || s.SHA256() != sha(data) {
				t.Fatal(s, err)
			}
			b.stored(s.ID, data)
			batch, err = b.Uploads.FinaliseBatch(t.Context(), b.staff, batch.ID)
			if err != nil || batch.Status != domain.BatchComplete || batch.Counts.Stored != 1 {
				t.Errorf("the batch is %+v, %v", batch, err)
			}
		}
	})
}

func TestASmallUploadThatDawdlesIsAsDurableAsAnyOther(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(10_000)
		late := atOnce(data)
		late.Body = &arriving{bytes.NewReader(data), 4000}
		s, err := b.createWith(sized(len(data)), late)
		b.must(err)
		b.stored(s.ID, data)

		// It breaks off: what came is kept.
		late.Body = &arriving{bytes.NewReader(data[:4000]), 4000}
		s, err = b.createWith(sized(len(data)), late)
		b.want(err, domain.Invalid, "body")
		if s.BytesReceived != 4000 {
			t.Fatalf("%d bytes are here", s.BytesReceived)
		}
		_, err = b.send(s.ID, 4000, data[4000:])
		b.must(err)
		b.stored(s.ID, data)
	})
}

func TestWhatASmallUploadMustNotBeIsRefusedAsEver(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := []byte("plain text, not a picture")
		s := b.create(sized(len(data)))
		wrong := atOnce(data)
		sum := sha1.Sum([]byte("other"))
		wrong.Checksum, wrong.Sum = sha1.New(), func() []byte { return sum[:] }
		_, err := b.Sessions.Append(t.Context(), b.staff, s.ID, wrong)
		b.want(err, domain.Invalid, "checksum")
		if at := b.session(s.ID); at.BytesReceived != 0 {
			t.Errorf("%d bytes were kept", at.BytesReceived)
		}
		right := atOnce(data)
		sum = sha1.Sum(data)
		right.Checksum, right.Sum = sha1.New(), wrong.Sum
		_, err = b.Sessions.Append(t.Context(), b.staff, s.ID, right)
		b.must(err)
		b.stored(s.ID, data)

		in := sized(len(data))
		in.SHA256 = hex.EncodeToString(make([]byte, 32))
		s = b.create(in)
		_, err = b.Sessions.Append(t.Context(), b.staff, s.ID, atOnce(data))
		b.want(err, domain.Invalid, "sha256")
		b.gone(s.ID, domain.SessionFailed)

		_, err = b.Sessions.Append(t.Context(), b.MustUser(t, "other@example.com", domain.RoleStaff), b.create(sized(len(data))).ID, atOnce(data))
		b.want(err, domain.NotFound, "")

		b.Sessions.Limits.AllowedTypes = []string{"image/*"}
		s = b.create(sized(len(data)))
		_, err = b.Sessions.Append(t.Context(), b.staff, s.ID, atOnce(data))
		b.want(err, domain.UnsupportedType, "type")
		b.gone(s.ID, domain.SessionFailed)
	})
}

// A process that dies between the blob and the commit has told nobody of a
// byte. Who sends them again stores them, whatever the blob was.
func TestCrashSmallBlobFinalCommit(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		data := bytesOf(10_000)
		for _, there := range [][]byte{data, make([]byte, len(data)), {}} {
			s := b.create(sized(len(data)))
			b.must(b.Blobs.Put(t.Context(), s.StorageKey, there))
			_, err := b.Sessions.Append(t.Context(), b.staff, s.ID, atOnce(data))
			b.must(err)
			b.stored(s.ID, data)
		}
		// Nobody comes back: the blob goes with the upload.
		s := b.create(sized(len(data)))
		b.must(b.Blobs.Put(t.Context(), s.StorageKey, data))
		b.Clock.Advance(b.Sessions.TTL)
		_, err := b.Sessions.ExpireIdle(t.Context(), 10)
		b.must(err)
		b.gone(s.ID, domain.SessionFailed)
	})
}

// mute dies at its next transaction.
type mute struct {
	ports.Transactor
}

func (mute) InTx(context.Context, func(context.Context, ports.Stores) error) error { return errDied }

// A creation that dies after its blob leaves that alone, under a key that was
// committed before: the storage sweep removes it.
func TestCrashSmallCreationFinalCommit(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		now := time.Now()
		b.Clock.Set(now.Add(-time.Hour))
		b.schedule()
		b.Clock.Set(now)
		data := bytesOf(10_000)
		dead := b.dies(&dying{})
		create := func() (*domain.UploadSession, error) {
			first, in := atOnce(data), sized(len(data))
			in.First = &first
			s, _, err := dead.Create(t.Context(), b.staff, in)
			return s, err
		}
		lives, err := create() // and reserves keys for those that follow
		b.must(err)
		dead.DB = mute{b.DB}
		if s, err := create(); err == nil {
			t.Fatal("a dead process answered", s)
		}
		if held := b.left(domain.StoragePrefix); len(held) != 2 {
			t.Fatalf("the storage holds %v", held)
		}
		b.Clock.Advance(25 * time.Hour)
		b.sweep(domain.TaskStorage)
		if held := b.left(domain.StoragePrefix); len(held) != 1 {
			t.Errorf("the storage holds %v", held)
		}
		b.stored(lives.ID, data)
	})
}

// A batch that takes no more files refuses one that is all there too, and keeps
// none of its bytes.
func TestASmallUploadIntoASealedBatchLeavesNothing(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		batch, _, err := b.Uploads.CreateBatch(t.Context(), b.staff, "closed", "")
		b.must(err)
		_, err = b.Uploads.FinaliseBatch(t.Context(), b.staff, batch.ID)
		b.must(err)
		first, in := atOnce(bytesOf(100)), sized(100)
		in.First, in.BatchID = &first, &batch.ID
		_, _, err = b.Sessions.Create(t.Context(), b.staff, in)
		b.want(err, domain.Conflict, "")
		if held := b.left(domain.StoragePrefix); len(held) != 0 {
			t.Errorf("the storage holds %v", held)
		}
	})
}

// The key of a creation gives what it made, also when the bytes come along, and
// what came along the second time is not kept.
func TestTheKeyOfASmallUploadMakesOneFile(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		data := bytesOf(10_000)
		create := func(name string) (*domain.UploadSession, bool, error) {
			first, in := atOnce(data), sized(len(data))
			in.Name, in.First, in.IdempotencyKey = name, &first, "k"
			return b.Sessions.Create(t.Context(), b.staff, in)
		}
		var all sync.WaitGroup
		made := make(chan *domain.UploadSession, 4)
		for range 4 {
			all.Go(func() {
				s, _, err := create("scan.bin")
				if err != nil {
					t.Error(err)
					return
				}
				made <- s
			})
		}
		all.Wait()
		close(made)
		s := <-made
		for other := range made {
			if s == nil || other.ID != s.ID || other.Status != domain.SessionComplete {
				t.Fatalf("%+v beside %+v", other, s)
			}
		}
		b.stored(s.ID, data)
		if held := b.left(domain.StoragePrefix); len(held) != 1 {
			t.Errorf("the storage holds %v", held)
		}
		_, _, err := create("other.bin")
		b.want(err, domain.Conflict, "Idempotency-Key")
	})
}

// Many send other bytes of the same length to one upload, in two processes,
// while one cancels it: the file is what one of them sent, or there is none.
func TestSmallUploadsRaceForOneFile(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		other := b.Another(t)
		for round := range 4 {
			s := b.create(sized(5000))
			sent := map[string][]byte{}
			var all sync.WaitGroup
			for i := range 4 {
				data := bytes.Repeat([]byte{byte(i + 1)}, 5000)
				sent[sha(data)] = data
				for _, process := range []usecase.Sessions{b.Sessions, other.Sessions} {
					all.Go(func() { _, _ = process.Append(t.Context(), b.staff, s.ID, atOnce(data)) })
				}
			}
			if round%2 == 1 {
				all.Go(func() { _ = other.Sessions.Abort(t.Context(), b.staff, s.ID) })
			}
			all.Wait()
			if at := b.session(s.ID); at.Status == domain.SessionAborted {
				b.gone(s.ID, at.Status)
				continue
			}
			b.endWith(s.ID, sent)
		}
	})
}

// endWith wants the upload stored as one of these, by its hash; when all
// writers stopped each other, after one more.
func (b *bench) endWith(id uuid.UUID, sent map[string][]byte) {
	b.t.Helper()
	at := b.session(id)
	if at.Status == domain.SessionInit || at.Status == domain.SessionInProgress {
		for _, data := range sent {
			_, err := b.send(id, int(at.BytesReceived), data[at.BytesReceived:])
			b.must(err)
			break
		}
		at = b.session(id)
	}
	data, one := sent[at.SHA256()]
	if !one {
		b.t.Fatalf("the session is %s with the hash %s", at.Status, at.SHA256())
	}
	b.stored(id, data)
}

package portstest

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var filePromises = map[string]func(*store){
	"files whose bytes are kept come by id": filesKept,
	"a file comes back as it went in, with its uploader's name": func(s *store) {
		u := s.user()
		b := s.batch(&u.ID, noon)
		f := s.file(func(f *domain.File) {
			f.UploadedBy, f.BatchID, f.OriginalFilename = &u.ID, &b.ID, "Überweisung – März.pdf"
			f.Metadata = map[string]string{"path": "a/b", "quote": `"'\`}
			f.SizeBytes, f.LinkSerial, f.ErrorMessage = 1<<40, 3, "none"
			f.ExpiresAt, f.StoredAt, f.ProcessedAt = ptr(noon.Add(time.Hour)), ptr(noon), ptr(noon)
			f.DeletedAt, f.PurgedAt = ptr(noon), ptr(noon.Add(time.Microsecond))
		})
		f.UploaderName, f.BatchLabel = u.Name, b.Label
		want(s, "file", s.findFile(f.ID), f)
	},
	"what no database can keep in text is dropped, not an error": func(s *store) {
		f := s.file(func(f *domain.File) { f.ErrorMessage, f.Metadata = "a\x00b\xff", map[string]string{"k\x00": "v\x00w"} })
		got := s.findFile(f.ID)
		want(s, "message", got.ErrorMessage, "ab\uFFFD")
		want(s, "metadata", got.Metadata, map[string]string{"k": "vw"})
	},
	"times are kept as UTC with microseconds": func(s *store) {
		zone := time.FixedZone("east", 3*3600)
		f := s.file(func(f *domain.File) { f.UpdatedAt = time.Date(2026, 1, 15, 15, 0, 0, 123456789, zone) })
		want(s, "time", s.findFile(f.ID).UpdatedAt, time.Date(2026, 1, 15, 12, 0, 0, 123456000, time.UTC))
	},
	"a move is written only from the state it names": func(s *store) {
		f := s.file(nil)
		_, err := f.Store(10, "ab", "text/plain", time.Hour, noon)
		s.ok(err)
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Files.Move(ctx, f, domain.FileUploading) })
		want(s, "stored", s.findFile(f.ID), f)
		err = s.try(func(ctx context.Context, st ports.Stores) error { return st.Files.Move(ctx, f, domain.FileUploading) })
		wantCode(s.T, err, domain.Conflict)
	},
	"a move from stored or processed needs the expiry it was decided on": func(s *store) {
		f, _ := s.stored(time.Hour, noon)
		stale := *f
		stale.ExpiresAt = ptr(noon)
		_, err := stale.Delete(noon)
		s.ok(err)
		err = s.try(func(ctx context.Context, st ports.Stores) error { return st.Files.Move(ctx, &stale, domain.FileStored) })
		wantCode(s.T, err, domain.Conflict)
		stale.ExpiresAt = nil
		err = s.try(func(ctx context.Context, st ports.Stores) error { return st.Files.Move(ctx, &stale, domain.FileStored) })
		wantCode(s.T, err, domain.Conflict)
		want(s, "status", s.findFile(f.ID).Status, domain.FileStored)
		forever, _ := s.stored(0, noon)
		_, err = forever.Process(noon)
		s.ok(err)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			return st.Files.Move(ctx, forever, domain.FileStored)
		})
	},
	"of two racing consumers one wins": func(s *store) {
		f, _ := s.stored(0, noon)
		var won, lost atomic.Int32
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				err := s.try(func(ctx context.Context, st ports.Stores) error {
					got, err := st.Files.Find(ctx, f.ID)
					if err != nil {
						return err
					}
					if _, err := got.Process(noon); err != nil {
						return err
					}
					return st.Files.Move(ctx, got, domain.FileStored)
				})
				switch domain.CodeOf(err) {
				case "":
					won.Add(1)
				case domain.Conflict:
					lost.Add(1)
				default:
					s.Error(err)
				}
			})
		}
		wg.Wait()
		want(s, "won", won.Load(), int32(1))
		want(s, "lost", lost.Load(), int32(3))
	},
	"a sign of life is taken only while uploading": func(s *store) {
		f := s.file(nil)
		touch := func(id uuid.UUID) error {
			return s.try(func(ctx context.Context, st ports.Stores) error {
				return st.Files.Touch(ctx, id, noon.Add(time.Minute))
			})
		}
		s.ok(touch(f.ID))
		want(s, "touched", s.findFile(f.ID).UpdatedAt, noon.Add(time.Minute))
		stored, _ := s.stored(0, noon)
		wantCode(s.T, touch(stored.ID), domain.Conflict)
		wantCode(s.T, touch(newID()), domain.Conflict)
	},
	"many files are found at once, those that exist": func(s *store) {
		f, g := s.file(nil), s.file(nil)
		s.file(nil)
		got, err := s.db.Reads().Files.FindAll(s.ctx, []uuid.UUID{g.ID, newID(), f.ID, g.ID})
		s.ok(err)
		want(s, "files", got, map[uuid.UUID]*domain.File{f.ID: f, g.ID: g})
		got, err = s.db.Reads().Files.FindAll(s.ctx, nil)
		s.ok(err)
		want(s, "none", len(got), 0)
	},
	"the contents of a batch are its files with bytes, the oldest first, page by page": contentsOfABatch,
	"link serials are those of files that exist": func(s *store) {
		f := s.file(func(f *domain.File) { f.LinkSerial = 7 })
		got, err := s.db.Reads().Files.LinkSerials(s.ctx, []uuid.UUID{f.ID, newID()})
		s.ok(err)
		want(s, "serials", got, map[uuid.UUID]int{f.ID: 7})
		got, err = s.db.Reads().Files.LinkSerials(s.ctx, nil)
		s.ok(err)
		want(s, "none", len(got), 0)
	},
}

var fileSweepPromises = map[string]func(*store){
	"stale files are those uploading without a sign of life": func(s *store) {
		stale := s.file(nil)
		s.file(func(f *domain.File) { f.UpdatedAt = noon.Add(time.Hour) })
		s.stored(0, noon)
		got, err := s.db.Reads().Files.ListStale(s.ctx, noon.Add(time.Minute), 10)
		s.ok(err)
		want(s, "stale", fileIDs(got), []uuid.UUID{stale.ID})
	},
	"expired files may go, but for those still owed, which are held": func(s *store) {
		ep := s.endpoint(nil)
		free, freeEvent := s.stored(time.Hour, noon)
		held, heldEvent := s.stored(2*time.Hour, noon)
		s.stored(0, noon)
		s.stored(100*time.Hour, noon)
		done := domain.NewDelivery(newID(), freeEvent, ep, "f", noon)
		done.Status = domain.DeliveryDelivered
		s.tx(func(ctx context.Context, st ports.Stores) error {
			s.ok(st.Deliveries.FanOut(ctx, ports.FanOut{Relayed: []uuid.UUID{freeEvent.ID, heldEvent.ID}, At: noon}))
			return st.Deliveries.InsertAll(ctx, []*domain.Delivery{done, domain.NewDelivery(newID(), heldEvent, ep, "f", noon)})
		})
		for id, wanted := range map[uuid.UUID]bool{free.ID: false, held.ID: true, newID(): false} {
			got, err := s.db.Reads().Files.Held(s.ctx, id)
			s.ok(err)
			want(s, "held", got, wanted)
		}
		expired := func(now time.Time) []uuid.UUID {
			got, err := s.db.Reads().Files.ListExpired(s.ctx, now, 96*time.Hour, 10)
			s.ok(err)
			return fileIDs(got)
		}
		want(s, "not yet", expired(noon), []uuid.UUID{})
		want(s, "one is held", expired(noon.Add(3*time.Hour)), []uuid.UUID{free.ID})
		want(s, "held no longer", expired(noon.Add(98*time.Hour)), []uuid.UUID{free.ID, held.ID})
	},
	"processed and failed files expire too, deleted ones do not": func(s *store) {
		var wanted []uuid.UUID
		for i, move := range []func(*domain.File) error{
			func(f *domain.File) error { _, err := f.Process(noon); return err },
			func(f *domain.File) error { _, err := f.Fail("no", noon); return err },
			func(f *domain.File) error { _, err := f.Delete(noon); return err },
		} {
			f, e := s.stored(time.Duration(i+1)*time.Minute, noon)
			s.ok(move(f))
			s.tx(func(ctx context.Context, st ports.Stores) error {
				s.ok(st.Deliveries.FanOut(ctx, ports.FanOut{Relayed: []uuid.UUID{e.ID}, Unwanted: []uuid.UUID{e.ID}, At: noon}))
				return st.Files.Move(ctx, f, domain.FileStored)
			})
			if f.Status != domain.FileDeleted {
				wanted = append(wanted, f.ID)
			}
		}
		got, err := s.db.Reads().Files.ListExpired(s.ctx, noon.Add(time.Hour), time.Hour, 10)
		s.ok(err)
		want(s, "expired", fileIDs(got), wanted)
	},
	"an expiry is announced once": func(s *store) {
		f, _ := s.stored(time.Hour, noon)
		s.stored(5*time.Hour, noon)
		s.stored(0, noon)
		expiring := func(now time.Time) []uuid.UUID {
			got, err := s.db.Reads().Files.ListExpiring(s.ctx, now, now.Add(2*time.Hour), 10)
			s.ok(err)
			return fileIDs(got)
		}
		want(s, "expiring", expiring(noon), []uuid.UUID{f.ID})
		want(s, "gone already", expiring(noon.Add(time.Hour+time.Minute)), []uuid.UUID{})
		notice := &domain.Event{
			ID: newID(), AggregateType: "file", AggregateID: f.ID, Type: domain.EventFileExpiring, Payload: []byte(`{}`), Status: domain.EventPending,
			IdempotencyKey: "file.expiring:" + f.ID.String() + ":" + f.ExpiresAt.Format(time.RFC3339Nano), CreatedAt: noon, UpdatedAt: noon,
		}
		s.tx(func(ctx context.Context, st ports.Stores) error {
			_, err := st.Outbox.Append(ctx, notice)
			return err
		})
		want(s, "announced", expiring(noon), []uuid.UUID{})
	},
	"unpurged are deleted and refused files whose bytes may be there": func(s *store) {
		deleted, _ := s.stored(0, noon)
		_, err := deleted.Delete(noon.Add(time.Minute))
		s.ok(err)
		refused := s.file(nil)
		_, err = refused.Fail("too big", noon.Add(2*time.Minute))
		s.ok(err)
		refused.PurgedAt = nil
		spurned, _ := s.stored(0, noon) // failed by its consumer: the bytes stay
		_, err = spurned.Fail("not mine", noon)
		s.ok(err)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			s.ok(st.Files.Move(ctx, deleted, domain.FileStored))
			s.ok(st.Files.Move(ctx, spurned, domain.FileStored))
			return st.Files.Move(ctx, refused, domain.FileUploading)
		})
		unpurged := func() []uuid.UUID {
			got, err := s.db.Reads().Files.ListUnpurged(s.ctx, 10)
			s.ok(err)
			return fileIDs(got)
		}
		want(s, "unpurged", unpurged(), []uuid.UUID{deleted.ID, refused.ID})
		s.tx(func(ctx context.Context, st ports.Stores) error {
			s.ok(st.Files.MarkPurged(ctx, deleted.ID, noon.Add(time.Hour)))
			return st.Files.MarkPurged(ctx, refused.ID, noon.Add(time.Hour))
		})
		want(s, "purged", unpurged(), []uuid.UUID{})
		want(s, "when", s.findFile(deleted.ID).PurgedAt, ptr(noon.Add(time.Hour)))
	},
}

func filesKept(s *store) {
	var kept []uuid.UUID
	for range 3 {
		f, _ := s.stored(time.Hour, noon)
		kept = append(kept, f.ID)
	}
	s.file(func(*domain.File) {}) // uploading
	gone, _ := s.stored(time.Hour, noon)
	s.tx(func(ctx context.Context, st ports.Stores) error {
		if _, err := gone.Delete(noon); err != nil {
			return err
		}
		return st.Files.Move(ctx, gone, domain.FileStored)
	})
	purged, _ := s.stored(time.Hour, noon)
	s.tx(func(ctx context.Context, st ports.Stores) error { return st.Files.MarkPurged(ctx, purged.ID, noon) })
	slices.SortFunc(kept, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	var got []uuid.UUID
	for after := uuid.Nil; ; {
		page, err := s.db.Reads().Files.ListKept(s.ctx, after, 2)
		s.ok(err)
		for _, f := range page {
			got = append(got, f.ID)
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].ID
	}
	want(s, "kept", got, kept)
}

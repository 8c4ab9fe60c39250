package portstest

import (
	"io"
	"strings"
	"testing"

	"doorito/domain"
	"doorito/ports"
)

// StagedBlobs is a storage whose blobs can also arrive in pieces.
type StagedBlobs interface {
	ports.Blobs
	ports.Staging
	ports.Inventory
}

// Stage is one storage, seen by several processes.
type Stage struct {
	// Open returns what a further process would use: nothing of it is shared
	// with what Open returned before, but the storage.
	Open func() StagedBlobs
	// Left names everything the storage holds: blobs, stages, tails, unfinished
	// uploads.
	Left func() []string
	// ReadsBack says that it is a ports.StageReader too.
	ReadsBack bool
}

// Staging checks the contract of ports.Staging. setup returns a storage that
// is empty and nobody else uses.
func Staging(t *testing.T, setup func(t *testing.T) Stage) {
	for name, check := range map[string]func(*testing.T, Stage){
		"what is appended reads back":                   stagingAppend,
		"many small requests make one blob":             stagingRequests,
		"any history ends in the same bytes":            stagingHistories,
		"a checkpoint is due in time":                   stagingDue,
		"a checkpoint survives a crash":                 stagingCrash,
		"append drops what lies beyond the offset":      stagingDrops,
		"the newest writer wins":                        stagingTakeOver,
		"a broken request's bytes can be kept":          stagingCanceledKeeps,
		"an unknown size becomes known":                 stagingDeferred,
		"an empty blob is a blob":                       stagingEmpty,
		"nothing is visible before finish":              stagingInvisible,
		"parts in any order make the blob":              stagingParts,
		"parts at the same time make the blob":          stagingPartsConcurrent,
		"a part sent again replaces the first":          stagingPartAgain,
		"a short part leaves nothing":                   stagingPartShort,
		"the reader's error comes back":                 stagingPartError,
		"finish twice, also elsewhere, is success":      stagingFinishTwice,
		"finish works while a dead writer is open":      stagingFinishOpenWriter,
		"discard leaves nothing, twice":                 stagingDiscard,
		"discard spares what is finished":               stagingDiscardFinished,
		"a stage that is gone is expired":               stagingGone,
		"join makes one blob of several":                stagingJoin,
		"join again is success, sources stay till then": stagingJoinAgain,
		"an inventory names all that is held":           stagingInventory,
		"an inventory ends with its visitor's error":    stagingInventoryEnds,
		"a canceled context ends every call":            stagingCanceled,
		"keys that are not ours are refused":            stagingBadKeys,
		"stages do not disturb each other":              stagingSideBySide,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, setup(t))
		})
	}
}

func mustBegin(t *testing.T, s ports.Staging, key string, total int64) []byte {
	t.Helper()
	note, err := s.Begin(t.Context(), key, total)
	if err != nil {
		t.Fatalf("Begin of %s: %v", key, err)
	}
	return note
}

func mustAppend(t *testing.T, s ports.Staging, key string, note []byte, offset int64) ports.StageWriter {
	t.Helper()
	w, err := s.Append(t.Context(), key, note, offset)
	if err != nil {
		t.Fatalf("Append to %s at %d: %v", key, offset, err)
	}
	return w
}

func mustCheckpoint(t *testing.T, w ports.StageWriter) []byte {
	t.Helper()
	note, err := w.Checkpoint(t.Context())()
	if err != nil {
		t.Fatalf("Checkpoint: %v", err)
	}
	return note
}

func mustClose(t *testing.T, w ports.StageWriter) {
	t.Helper()
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
}

func mustFinish(t *testing.T, s ports.Staging, key string, note []byte, size int, parts []*domain.UploadPart) {
	t.Helper()
	if err := s.Finish(t.Context(), key, note, int64(size), parts); err != nil {
		t.Fatalf("Finish of %s: %v", key, err)
	}
}

// request is one PATCH: append data in pieces, checkpoint after every so many
// bytes and at the end, close.
func request(t *testing.T, s ports.Staging, key string, note []byte, offset int, data []byte, piece, every int) []byte {
	t.Helper()
	w := mustAppend(t, s, key, note, int64(offset))
	for block := range chunks(data, every) {
		mustWrite(t, w, block, piece)
		note = mustCheckpoint(t, w)
	}
	mustClose(t, w)
	return note
}

func stagingDue(t *testing.T, s Stage) {
	const piece = 1 << 20 // also where MiB is less
	b, data := s.Open(), Bytes(piece)
	w := mustAppend(t, b, "suite/due", mustBegin(t, b, "suite/due", -1), 0)
	defer mustClose(t, w)
	for round := range 2 {
		for n := 1; n <= 32; n++ {
			mustWrite(t, w, data, piece)
			due := w.Due()
			if n < 8 && due != ports.NotDue || n == 8 && due == ports.NotDue || n == 32 && due != ports.Overdue {
				t.Errorf("round %d: after %d MiB the urgency is %d", round, n, due)
			}
		}
		mustCheckpoint(t, w)
		if due := w.Due(); due != ports.NotDue {
			t.Errorf("round %d: after a checkpoint the urgency is %d", round, due)
		}
	}
}

func stagingAppend(t *testing.T, s Stage) {
	for name, c := range map[string]struct{ size, piece, every int }{
		"one byte":                        {1, 1, 1},
		"small":                           {70_001, 999, 70_001},
		"a byte below one part":           {8*MiB - 1, 256 << 10, 3 * MiB},
		"one part exactly":                {8 * MiB, 256 << 10, 8 * MiB},
		"a byte over one part":            {8*MiB + 1, 256 << 10, 8 * MiB},
		"parts with checkpoints at parts": {24 * MiB, 300_001, 8 * MiB},
		"checkpoints off the parts":       {20*MiB + 7, 77_777, 5*MiB + 3},
		"checkpoints larger than parts":   {30*MiB - 1, MiB, 13 * MiB},
		"one checkpoint at the end":       {26*MiB + 5, 10 * MiB, 40 * MiB},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, data := s.Open(), Bytes(c.size)
			key := "suite/" + strings.ReplaceAll(name, " ", "-")
			note := request(t, b, key, mustBegin(t, b, key, int64(c.size)), 0, data, c.piece, c.every)
			mustFinish(t, b, key, note, c.size, nil)
			wantBlob(t, b, key, data)
			info, err := b.Stat(t.Context(), key)
			if err != nil || info.Size != int64(c.size) {
				t.Fatalf("Stat: %+v, %v", info, err)
			}
		})
	}
	t.Cleanup(func() { wantLeft(t, s, 9) })
}

// wantLeft wants n things in the storage.
func wantLeft(t *testing.T, s Stage, n int) {
	t.Helper()
	if left := s.Left(); len(left) != n {
		t.Errorf("the storage holds %q, want %d", left, n)
	}
}

func stagingRequests(t *testing.T, s Stage) {
	for name, c := range map[string]struct{ size, each int }{
		"tiny":           {300_000, 9_999},
		"odd":            {19*MiB + 11, 3*MiB + 1},
		"parts":          {24 * MiB, 8 * MiB},
		"around borders": {17 * MiB, 8*MiB - 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, key, at := Bytes(c.size), "suite/"+strings.ReplaceAll(name, " ", "-"), 0
			note := mustBegin(t, s.Open(), key, int64(c.size))
			for block := range chunks(data, c.each) {
				note = request(t, s.Open(), key, note, at, block, 128<<10, 2*MiB)
				at += len(block)
			}
			mustFinish(t, s.Open(), key, note, c.size, nil)
			wantBlob(t, s.Open(), key, data)
		})
	}
	t.Cleanup(func() { wantLeft(t, s, 4) })
}

func stagingDeferred(t *testing.T, s Stage) {
	for name, size := range map[string]int{"none": 0, "few": 100_000, "part": 8 * MiB, "many": 21*MiB + 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, data, key := s.Open(), Bytes(size), "suite/"+name
			note := request(t, b, key, mustBegin(t, b, key, -1), 0, data, 1*MiB, 3*MiB)
			mustFinish(t, b, key, note, size, nil)
			wantBlob(t, b, key, data)
		})
	}
	t.Cleanup(func() { wantLeft(t, s, 4) })
}

func stagingEmpty(t *testing.T, s Stage) {
	b := s.Open()
	mustFinish(t, b, "suite/no-write", mustBegin(t, b, "suite/no-write", 0), 0, nil)
	wantBlob(t, b, "suite/no-write", nil)
	mustFinish(t, b, "suite/no-part", mustBegin(t, b, "suite/no-part", 0), 0, []*domain.UploadPart{})
	wantBlob(t, b, "suite/no-part", nil)
	w := mustAppend(t, b, "suite/nothing", mustBegin(t, b, "suite/nothing", 0), 0)
	note := mustCheckpoint(t, w)
	mustClose(t, w)
	mustFinish(t, b, "suite/nothing", note, 0, nil)
	wantBlob(t, b, "suite/nothing", nil)
	wantLeft(t, s, 3)
}

func stagingInvisible(t *testing.T, s Stage) {
	b, data := s.Open(), Bytes(9*MiB)
	note := request(t, b, "suite/later", mustBegin(t, b, "suite/later", int64(len(data))), 0, data, 1*MiB, 4*MiB)
	wantMissing(t, b, "suite/later")
	mustFinish(t, b, "suite/later", note, len(data), nil)
	wantBlob(t, b, "suite/later", data)
}

func stagingSideBySide(t *testing.T, s Stage) {
	b, one, two := s.Open(), Bytes(9*MiB), Bytes(10 * MiB)[1*MiB:]
	noteOne, noteTwo := mustBegin(t, b, "suite/id", int64(9*MiB)), mustBegin(t, b, "suite/id2", int64(9*MiB))
	first, second := mustAppend(t, b, "suite/id", noteOne, 0), mustAppend(t, b, "suite/id2", noteTwo, 0)
	for i := range 9 {
		mustWrite(t, first, one[i*MiB:(i+1)*MiB], 1*MiB)
		mustWrite(t, second, two[i*MiB:(i+1)*MiB], 1*MiB)
		noteOne, noteTwo = mustCheckpoint(t, first), mustCheckpoint(t, second)
	}
	mustClose(t, first)
	if err := b.Discard(t.Context(), "suite/id", noteOne); err != nil {
		t.Fatal(err)
	}
	mustClose(t, second)
	mustFinish(t, b, "suite/id2", noteTwo, len(two), nil)
	wantBlob(t, b, "suite/id2", two)
	wantLeft(t, s, 1)
}

// failing reads data, then fails.
func failing(data string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(data), errReader{err})
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

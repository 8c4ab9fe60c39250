package disk

import (
	"io"
	"os"
	"time"

	"doorito/ports"
)

// SwapFile makes a writer write to another file; the old one is closed.
func SwapFile(w ports.BlobWriter, f *os.File) {
	dw := w.(*writer)
	_ = dw.file.Close()
	dw.file = f
}

// SwapStage is SwapFile for a stage writer.
func SwapStage(w ports.StageWriter, f *os.File) {
	gate := w.(*stageWriter).fence
	_ = gate.file.Close()
	gate.file = f
}

// SlowDown has before run ahead of whatever a writer, of a blob or a stage, does
// to its file.
func SlowDown(w io.Writer, before func()) {
	var out *outlet
	switch w := w.(type) {
	case *writer:
		out = w.out
	case *stageWriter:
		out = w.out
	}
	do := out.do
	out.do = func(op func(*os.File) error) error {
		before()
		return do(op)
	}
}

// TakeBlocks leaves no block for others until they are given back.
func TakeBlocks() (giveBack func()) {
	var all [][]byte
	for p := memory.take(); p != nil; p = memory.take() {
		all = append(all, p)
	}
	return func() {
		for _, p := range all {
			memory.give(p)
		}
	}
}

// BlocksInUse counts those that writers hold.
func BlocksInUse() int { return int(memory.made.Load()) - len(memory.free) }

// BlockSize in bytes, and how many blocks are tried.
const (
	BlockSize = blockSize
	TryBlocks = tryBlocks
)

// StartJournals makes journals of this size at once, instead of later, which are
// emptied when their oldest record has this age.
func StartJournals(b *Blobs, size int64, age time.Duration) {
	TrustFileSystem(b)
	b.journals.size, b.journals.age, b.journals.after = size, age, 0
	b.journals.makeBoth()
}

// TrustFileSystem has journals made on any file system.
func TrustFileSystem(b *Blobs) { b.journals.can = func(string) bool { return true } }

// OnSave has hook run instead of a sync of the whole file system, which it may
// call.
func OnSave(b *Blobs, hook func(journal *os.File, sync func() error) error) {
	save := b.journals.save
	b.journals.save = func(f *os.File) error { return hook(f, func() error { return save(f) }) }
}

// SavingWith is OnSave from the start on, unless hook is nil.
func SavingWith(hook func(journal *os.File, sync func() error) error) Option {
	return func(b *Blobs) {
		if hook != nil {
			OnSave(b, hook)
		}
	}
}

// OnJournalSync is the same for the sync of a journal. It is asked before
// StartJournals.
func OnJournalSync(b *Blobs, hook func(journal *os.File, sync func() error) error) {
	b.journals.sync = func(f *os.File) error { return hook(f, func() error { return dataSync(f) }) }
}

// JournalsReady waits until nothing is being made or emptied, and counts those
// that are ready.
func JournalsReady(b *Blobs) int {
	b.journals.busy.Wait()
	return JournalsNow(b)
}

// JournalsNow counts them without waiting for those that cannot be emptied.
func JournalsNow(b *Blobs) (n int) {
	b.journals.mu.Lock()
	defer b.journals.mu.Unlock()
	for _, j := range []*journal{b.journals.ready, b.journals.spare} {
		if j != nil {
			n++
		}
	}
	return n
}

// TurnJournals empties the one that is ready.
func TurnJournals(b *Blobs) { b.journals.turn(b.journals.ready) }

// AbandonJournals closes their files as the end of the process does.
func AbandonJournals(b *Blobs) {
	BreakJournals(b)
	b.journals.mu.Lock()
	defer b.journals.mu.Unlock()
	b.journals.ready, b.journals.spare = nil, nil
}

// BreakJournals has every write to them fail.
func BreakJournals(b *Blobs) {
	b.journals.busy.Wait()
	b.journals.mu.Lock()
	defer b.journals.mu.Unlock()
	for _, j := range []*journal{b.journals.ready, b.journals.spare} {
		if j != nil {
			j.file.Close()
		}
	}
}

// JournalKeys are those of the records in a journal's file.
func JournalKeys(file []byte) (keys []string) {
	for _, r := range readJournal(file) {
		keys = append(keys, r.key)
	}
	return keys
}

// JournalData are their contents.
func JournalData(file []byte) (all [][]byte) {
	for _, r := range readJournal(file) {
		all = append(all, r.data)
	}
	return all
}

// TurnOf is that of a journal's file.
func TurnOf(file []byte) uint64 { return little.Uint64(file[12:]) }

// AppendRecord adds a record to the file of a journal.
func AppendRecord(file []byte, turn uint64, key string, data []byte) []byte {
	return appendRecord(file, turn, key, identity{}, data)
}

// JournalAfter is how many small blobs have no journal yet.
const JournalAfter = journalAfter

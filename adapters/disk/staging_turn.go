package disk

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// turnSize is what a part's number takes in the file of turns.
const turnSize = 8

// turn is the right to write a part, until somebody takes the next one: the
// newest writer wins, in whichever process it lives.
type turn struct {
	file *os.File
	at   int64
	mine uint64
}

// takeTurn makes the caller the writer of a part. It waits for a single write
// of the one before it at most.
func takeTurn(path string, number int) (*turn, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, storageError(err)
	}
	t := &turn{file: f, at: int64(number) * turnSize}
	err = t.locked(func() error {
		last, err := t.read()
		if err != nil {
			return err
		}
		t.mine = last + 1
		_, err = f.WriteAt(binary.BigEndian.AppendUint64(nil, t.mine), t.at)
		return err
	})
	if err != nil {
		f.Close()
		return nil, storageError(err)
	}
	return t, nil
}

// do runs op while nobody can take the turn; Conflict when somebody has.
func (t *turn) do(op func() error) error {
	return t.locked(func() error {
		now, err := t.read()
		if err != nil {
			return storageError(err)
		}
		if now != t.mine {
			return takenOver()
		}
		return op()
	})
}

func (t *turn) locked(op func() error) error {
	if err := lockRange(t.file, t.at, turnSize); err != nil {
		return storageError(err)
	}
	return errors.Join(op(), unlockRange(t.file, t.at, turnSize))
}

// read is 0 for a part that nobody wrote yet.
func (t *turn) read() (uint64, error) {
	var b [turnSize]byte
	n, err := t.file.ReadAt(b[:], t.at)
	if err == io.EOF && n < turnSize {
		return 0, nil
	}
	return binary.BigEndian.Uint64(b[:]), err
}

// leave gives the turn up; a nil turn is none.
func (t *turn) leave() {
	if t != nil {
		_ = t.file.Close()
	}
}

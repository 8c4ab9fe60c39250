package upload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

var errChanged = errors.New("it changed while it was sent; run the same command again")

// local is an open file that should stay as it is.
type local struct {
	*os.File
	item *item
}

// open opens the file. One that changed since the walk is taken as it is now.
func (it *item) open() (*local, error) {
	f, err := os.Open(it.abs)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file any more")
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	it.size, it.modified = info.Size(), info.ModTime()
	return &local{f, it}, nil
}

// check is errChanged when the file, or what its path names now, has another
// size or time than when it was opened.
func (l *local) check() error {
	for _, stat := range []func() (os.FileInfo, error){l.Stat, func() (os.FileInfo, error) { return os.Stat(l.item.abs) }} {
		info, err := stat()
		if err != nil || info.Size() != l.item.size || !info.ModTime().Equal(l.item.modified) {
			return errChanged
		}
	}
	return nil
}

// content reads the whole file, which must be small.
func (l *local) content() ([]byte, error) {
	b := make([]byte, l.item.size)
	if _, err := io.ReadFull(l, b); err != nil && err != io.EOF {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errChanged
		}
		return nil, err
	}
	return b, l.check()
}

// sum is the SHA-256 of the file, in hex.
func (l *local) sum(ctx context.Context) (string, error) {
	h := sha256.New()
	r := io.NewSectionReader(l, 0, l.item.size)
	buf := make([]byte, 256<<10)
	for ctx.Err() == nil {
		n, err := r.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", context.Cause(ctx)
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// plain is an error without the path that stands beside it anyway.
func plain(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return fmt.Sprintf("cannot %s it: %s", verbs[p.Op], p.Err)
	}
	return err.Error()
}

var verbs = map[string]string{"open": "open", "read": "read", "stat": "find", "lstat": "find", "readdirent": "read", "fdopendir": "read"}

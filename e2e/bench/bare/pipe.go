package bare

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	piece = 256 << 10
	step  = 16 << 20 // as syncStep of adapters/disk
	block = 64 << 20 // of memory that is hashed and written again and again
)

// Block returns the bytes that all measurements use, in turn, as often as
// needed; they are not compressible to a disk that would try.
func Block() []byte {
	b := make([]byte, block)
	x := uint64(88172645463325252) // xorshift64, Marsaglia 2003
	for i := 0; i < len(b); i += 8 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		for j := range 8 {
			b[i+j] = byte(x >> (8 * j))
		}
	}
	return b
}

// HashMemory returns bytes per second of SHA-256 over n bytes of memory.
func HashMemory(n int64) float64 {
	data, h := Block(), sha256.New()
	start := time.Now()
	each(data, n, func(p []byte) error { _, err := h.Write(p); return err })
	h.Sum(nil)
	return float64(n) / time.Since(start).Seconds()
}

// Pipe hashes and writes n bytes to a new file under dir, hashing, writing and
// syncing side by side, and returns bytes per second until file and folder are
// synced. The file is removed again.
func Pipe(dir string, n int64) (float64, error) {
	data, h := Block(), sha256.New()
	f, err := os.CreateTemp(dir, "bare")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	start := time.Now()
	var wg sync.WaitGroup
	wg.Go(func() {
		each(data, n, func(p []byte) error { _, err := h.Write(p); return err })
		h.Sum(nil)
	})
	err = write(f, data, n)
	wg.Wait()
	if err == nil {
		err = publish(f, dir)
	}
	return float64(n) / time.Since(start).Seconds(), err
}

func write(f *os.File, data []byte, n int64) error {
	fd := int(f.Fd())
	wake, done := make(chan struct{}, 4), make(chan error, 1)
	go func() {
		var err error
		for range wake {
			for len(wake) > 0 { // one sync answers all that wait, as in adapters/disk
				<-wake
			}
			if err == nil {
				err = syscall.Fdatasync(fd)
			}
		}
		done <- err
	}()
	var size, asked int64
	err := each(data, n, func(p []byte) error {
		_, err := f.Write(p)
		size += int64(len(p))
		if err == nil && size-asked >= step {
			_ = syscall.SyncFileRange(fd, asked, size-asked, 2)
			asked = size
			wake <- struct{}{}
		}
		return err
	})
	close(wake)
	if serr := <-done; err == nil {
		err = serr
	}
	return err
}

// publish does what ends an upload: last sync, rename, sync of the folder.
func publish(f *os.File, dir string) error {
	if err := syscall.Fdatasync(int(f.Fd())); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	final := filepath.Join(dir, "bare-final")
	if err := os.Rename(f.Name(), final); err != nil {
		return err
	}
	defer os.Remove(final)
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// each calls fn with pieces of data, over and over, n bytes in all.
func each(data []byte, n int64, fn func(p []byte) error) error {
	for at := int64(0); at < n; {
		i := at % int64(len(data))
		p := data[i:min(i+piece, int64(len(data)), i+n-at)]
		if err := fn(p); err != nil {
			return err
		}
		at += int64(len(p))
	}
	return nil
}

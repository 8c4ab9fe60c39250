package disk

import (
	"os"
	"sync/atomic"
)

const (
	// blockSize is what is written past the page cache at once: a huge page of
	// most processors, which is one piece for a disk. Drivers take it several
	// times faster than as many bytes in small pieces.
	blockSize = 2 << 20
	// maxBlocks bounds what all writers of the process hold, 48 MiB: eight long
	// uploads. Who finds no free block writes through the page cache.
	maxBlocks = 24
	// sector is what offset, length and memory of a direct write are multiples
	// of, on any disk (open(2), O_DIRECT).
	sector = 4096
)

// blocks hands out memory that suits direct writes, and keeps what it made.
type blocks struct {
	free chan []byte
	made atomic.Int32
}

var memory = blocks{free: make(chan []byte, maxBlocks)}

// take is nil when all blocks are in use.
func (m *blocks) take() []byte {
	select {
	case p := <-m.free:
		return p
	default:
	}
	if m.made.Add(1) <= maxBlocks {
		if p, err := hugePage(); err == nil {
			return p
		}
	}
	m.made.Add(-1)
	return nil
}

func (m *blocks) give(p []byte) { m.free <- p }

// canDirect tries whether files of a folder can be written past the page cache.
func canDirect(dir string) bool {
	p := memory.take()
	if p == nil {
		return false
	}
	defer memory.give(p)
	f, err := os.CreateTemp(dir, "ping~*")
	if err != nil {
		return false
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if setDirect(f, true) != nil {
		return false
	}
	_, err = f.WriteAt(p[:sector], 0)
	return err == nil
}

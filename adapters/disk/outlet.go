package disk

import (
	"cmp"
	"context"
	"os"
	"sync"
	"time"
)

const (
	// writebackStep is how many new bytes in the page cache the kernel is asked
	// to begin writing: a sync then waits for little more than the last of them.
	writebackStep = 1 << 20
	// blocksAtOnce is how many blocks of one outlet are being written. With one,
	// the disk would stand still until the next is scheduled.
	blocksAtOnce = 2
	// A file that is not synced leaves blocks for cachedRun bytes when the disk
	// takes longer to write tryBlocks of them than they take to come: the page
	// cache has room for more than the disk writes meanwhile.
	tryBlocks = 16
	cachedRun = 64 << 20
)

// outlet writes a file from an offset on. What fills blocks goes past the page
// cache: what has to reach the disk soon anyway neither waits for the kernel to
// make room nor pushes out what others read. It is used by one goroutine.
type outlet struct {
	blobs *Blobs
	// do runs op on the file, several at once.
	do     func(op func(*os.File) error) error
	at     int64  // offset of the next byte
	from   int64  // blocks begin here or later
	asked  int64  // the kernel writes up to here
	block  []byte // of which n bytes wait; nil for none
	n      int
	direct bool            // the file is written past the page cache at present
	slots  chan struct{}   // one is taken for each block that is being written
	since  *sync.WaitGroup // of the blocks after the last flush
	failed context.Context // ends when a block could not be written
	fail   context.CancelCauseFunc
	pace   pace // of blocks
}

// pace compares how long blocks took to come with how long the disk kept the
// outlet waiting for them.
type pace struct {
	begun   time.Time // when the block began to fill
	blocks  int
	filling time.Duration
	waiting time.Duration
}

// waited notes a wait that began at a time.
func (p *pace) waited(since time.Time) { p.waiting += time.Since(since) }

// newOutlet begins at an offset. What is not known to be long begins in the
// page cache, where small files are best.
func (b *Blobs) newOutlet(at int64, long bool, do func(op func(*os.File) error) error) *outlet {
	o := &outlet{blobs: b, do: do, at: at, from: at, asked: at, slots: make(chan struct{}, blocksAtOnce), since: &sync.WaitGroup{}}
	o.failed, o.fail = context.WithCancelCause(context.Background())
	if !long {
		o.from += blockSize
	}
	return o
}

// write fails with the error of an earlier block too.
func (o *outlet) write(p []byte) error {
	for len(p) > 0 {
		into := int(o.at % blockSize)
		if into == 0 && o.at >= o.from && o.blobs.direct {
			o.block, o.pace.begun = memory.take(), time.Now()
		}
		n := min(len(p), blockSize-into)
		if o.block != nil {
			o.n += copy(o.block[o.n:], p[:n])
		} else if err := o.writeCached(p[:n], o.at); err != nil {
			return err
		}
		o.at, p = o.at+int64(n), p[n:]
		if o.n == blockSize {
			if err := o.send(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *outlet) writeCached(p []byte, at int64) error {
	if err := o.settle(); err != nil {
		return err
	}
	return o.do(func(f *os.File) error {
		if _, err := f.WriteAt(p, at); err != nil {
			return err
		}
		if end := at + int64(len(p)); end-o.asked >= writebackStep {
			o.blobs.startWriteback(f, o.asked, end-o.asked)
			o.asked = end
		}
		return nil
	})
}

// send has the full block written, and waits while blocksAtOnce others are.
func (o *outlet) send() error {
	p, at := o.block, o.at-blockSize
	o.block, o.n, o.asked = nil, 0, o.at
	if err := o.pass(); err != nil {
		memory.give(p)
		return err
	}
	full := time.Now()
	o.pace.filling += full.Sub(o.pace.begun)
	o.slots <- struct{}{}
	o.since.Go(func() {
		defer func() {
			memory.give(p)
			<-o.slots
		}()
		err := o.do(func(f *os.File) error {
			_, err := f.WriteAt(p, at)
			return err
		})
		if err != nil {
			o.fail(err)
		}
	})
	o.pace.waited(full)
	o.judge()
	return nil
}

// judge goes back to the page cache for a while where that is faster.
func (o *outlet) judge() {
	if o.pace.blocks++; o.pace.blocks < tryBlocks {
		return
	}
	if o.blobs.lazy && o.pace.waiting > o.pace.filling {
		o.from = o.at + cachedRun
	}
	o.pace = pace{}
}

// pass has the file written past the page cache from now on.
func (o *outlet) pass() error {
	if err := context.Cause(o.failed); err != nil || o.direct {
		return err
	}
	return o.turn(true)
}

// turn has the file written past the page cache, or through it.
func (o *outlet) turn(direct bool) error {
	err := o.do(func(f *os.File) error { return setDirect(f, direct) })
	if err != nil {
		o.fail(err)
		return err
	}
	o.direct = direct
	return nil
}

// settle waits for the blocks and goes back to the page cache.
func (o *outlet) settle() error {
	if !o.direct {
		return nil
	}
	began := time.Now()
	o.wait()
	o.pace.waited(began)
	if err := context.Cause(o.failed); err != nil {
		return err
	}
	return o.turn(false)
}

// wait returns when no block is being written.
func (o *outlet) wait() {
	for range blocksAtOnce {
		o.slots <- struct{}{}
	}
	for range blocksAtOnce {
		<-o.slots
	}
}

// even says that no block is unfinished.
func (o *outlet) even() bool { return o.block == nil }

// flush returns what waits until the kernel has all bytes that were written
// before it; more may be written meanwhile. Those of an unfinished block go
// through the page cache, and so does what follows until the next one begins.
func (o *outlet) flush() (wait func() error) {
	var err error
	if o.block != nil {
		err = o.writeCached(o.block[:o.n], o.at-int64(o.n))
		o.giveBack()
	}
	blocks := o.since
	o.since = &sync.WaitGroup{}
	return func() error {
		blocks.Wait()
		return cmp.Or(err, context.Cause(o.failed))
	}
}

// drop ends the outlet; bytes that were not flushed are lost.
func (o *outlet) drop() {
	o.wait()
	o.giveBack()
}

func (o *outlet) giveBack() {
	if o.block != nil {
		memory.give(o.block)
		o.block, o.n = nil, 0
	}
}

package stream

import (
	"context"
	"io"

	"doorito/ports"
)

// writeAll writes buffers and makes checkpoints, the last one when the reader
// is done.
func (r *resume) writeAll() {
	for {
		select {
		case b, open := <-r.toWrite:
			if !open {
				r.finish()
				return
			}
			if !r.stopped() {
				r.write(b)
			}
			r.ring.done(b)
			r.checkpointIfDue()
		case <-r.opt.Tick:
			if r.saving == nil { // else the disk is slow, and the next tick is for it
				r.checkpointOnTheWay()
			}
		case err := <-r.saving:
			r.settle(err)
		}
	}
}

func (r *resume) checkpointIfDue() {
	due := r.dst.Due()
	if due == ports.Due {
		select {
		case err := <-r.saving:
			r.settle(err)
		default:
		}
	}
	if due == ports.Overdue || due == ports.Due && r.saving == nil {
		r.checkpointOnTheWay()
	}
}

func (r *resume) write(b *buffer) {
	n, err := r.dst.Write(b.bytes())
	if err == nil && n < b.n {
		err = io.ErrShortWrite
	}
	if err != nil {
		r.fail(err)
		return
	}
	r.at = b.last
	r.count++
}

func (r *resume) checkpointOnTheWay() {
	if !r.opt.OnlyAtEnd && r.at > r.asked {
		r.checkpoint()
	}
}

// finish makes the last checkpoint, and waits until it is saved.
func (r *resume) finish() {
	switch {
	case r.stopped():
	case r.broken != nil:
		r.checkpointOnTheWay()
	default:
		r.stateNow() // Also has everything then
		if r.opt.Verify != nil {
			if err := r.opt.Verify(); err != nil {
				r.fail(err)
			}
		}
		// One on the way may have had the last byte; a source without any bytes
		// has had none.
		if r.at > r.asked || r.at == r.opt.Offset {
			r.checkpoint()
		}
	}
	r.waitForSave()
}

// checkpoint makes durable what was written and has it saved beside.
func (r *resume) checkpoint() {
	r.waitForSave()
	if r.stopped() {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, checkpointTime)
	c := Checkpoint{Offset: r.at, State: r.stateNow()}
	durable := r.dst.Checkpoint(ctx)
	r.asked = r.at
	done := make(chan error, 1)
	r.saving = done
	go func() {
		defer cancel()
		var err error
		if c.Stage, err = durable(); err == nil {
			err = r.opt.Save(ctx, c)
		}
		done <- err
	}()
}

// stateNow is the hash over what was written, as soon as the hasher is there.
func (r *resume) stateNow() state {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.hashed < r.count {
		r.more.Wait()
	}
	return append(state(nil), r.states[r.count%len(r.states)]...)
}

func (r *resume) waitForSave() {
	if r.saving != nil {
		r.settle(<-r.saving)
	}
}

func (r *resume) settle(err error) {
	r.saving = nil
	if err != nil {
		r.fail(err)
		return
	}
	r.saved = r.asked
}

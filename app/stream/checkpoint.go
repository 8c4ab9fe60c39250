package stream

import (
	"context"
	"io"
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
			if r.at%CheckpointEvery == 0 && !r.mayLeaveOut() {
				r.checkpointOnTheWay()
			}
		case <-r.opt.Tick:
			if !r.fresh && r.saving == nil {
				r.checkpointOnTheWay()
			}
			r.fresh = false
		case err := <-r.saving:
			r.settle(err)
		}
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

// mayLeaveOut tells that the checkpoint before is still under way and not far
// behind: the next one covers this one too.
func (r *resume) mayLeaveOut() bool {
	select {
	case err := <-r.saving: // never, when it is nil
		r.settle(err)
	default:
	}
	return r.saving != nil && r.at-r.saved < CheckpointAhead
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
			r.last()
		}
	}
	r.waitForSave()
}

// last is the checkpoint of all that came.
func (r *resume) last() {
	if !r.opt.Hold || r.asked > r.opt.Offset || r.stopped() {
		r.checkpoint()
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, checkpointTime)
	defer cancel()
	c := Checkpoint{Offset: r.at, State: r.stateNow(), Held: true}
	var err error
	if c.Stage, err = r.dst.Hold(ctx); err == nil {
		err = r.opt.Save(ctx, c)
	}
	if err != nil {
		r.fail(err)
		return
	}
	r.asked, r.saved = r.at, r.at
}

// checkpoint has what was written made durable and saved.
func (r *resume) checkpoint() {
	r.waitForSave()
	if r.stopped() {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, checkpointTime)
	c := Checkpoint{Offset: r.at, State: r.stateNow()}
	beside, err := r.dst.Mark(ctx)
	if err == nil && !beside {
		c.Stage, err = r.dst.Checkpoint(ctx)
	}
	if err != nil {
		cancel()
		r.fail(err)
		return
	}
	r.asked, r.fresh = r.at, true
	done := make(chan error, 1)
	r.saving = done
	go func() {
		defer cancel()
		done <- r.keep(ctx, c, beside)
	}()
}

// keep is the part of a checkpoint that Write need not wait for.
func (r *resume) keep(ctx context.Context, c Checkpoint, beside bool) error {
	if beside {
		var err error
		if c.Stage, err = r.dst.Checkpoint(ctx); err != nil {
			return err
		}
	}
	return r.opt.Save(ctx, c)
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

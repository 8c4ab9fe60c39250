package upload

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
)

// sendLarge sends a file by an upload session, its parts side by side.
func (r *run) sendLarge(ctx context.Context, it *item, line *line) (outcome, error) {
	f, err := it.open()
	if err != nil {
		return outcome{}, err
	}
	defer f.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sum := r.hashing(ctx, f)
	for g := range maxGenerations {
		s, again, err := r.client.openSession(ctx, it, r.batchID(), fileKey(r.seed(), r.batchID(), it, g))
		if keyReused(err) || err == nil && (s.Status == "aborted" || s.Status == "failed") {
			continue
		}
		if err != nil {
			return outcome{}, err
		}
		out, err := r.fill(ctx, f, s, line, sum)
		switch {
		case again && out.idle && refused(err, http.StatusGone): // it expired before
			continue
		case err == nil && again && !out.file.here():
			continue
		}
		return out, err
	}
	return outcome{}, errTooOften
}

// hashing computes the SHA-256 beside the sending, when it is wanted; "" else.
func (r *run) hashing(ctx context.Context, f *local) func() (string, error) {
	if !r.SHA256 {
		return func() (string, error) { return "", nil }
	}
	type result struct {
		sum string
		err error
	}
	done := make(chan result, 1)
	go func() {
		sum, err := f.sum(ctx)
		done <- result{sum, err}
	}()
	return sync.OnceValues(func() (string, error) {
		got := <-done
		return got.sum, got.err
	})
}

// fill sends the parts that are missing and completes the session.
func (r *run) fill(ctx context.Context, f *local, s *session, line *line, sum func() (string, error)) (outcome, error) {
	out := outcome{idle: true, there: s.Status == "complete" || s.Status == "completing"}
	for tries := 0; ; tries++ {
		if !out.there {
			arrived, err := r.sendMissing(ctx, f, s, line)
			out.idle = out.idle && arrived == 0
			if err != nil {
				return out, err
			}
		}
		declared, err := sum()
		if err != nil {
			return out, err
		}
		out.file, err = r.client.complete(ctx, s.ID, declared)
		if refused(err, http.StatusConflict) && !out.there && tries < 3 {
			// What the portal called received may be lost with its disk.
			if now, err := r.client.session(ctx, s.ID); err == nil && len(now.missing()) > 0 {
				s = now
				continue
			}
		}
		if err == nil && declared != "" && out.file.SHA256 != declared {
			err = otherSum(out.file, declared)
		}
		return out, err
	}
}

// sendMissing sends the parts that are not there. A file that changed
// meanwhile takes its session with it: what is there fits it no more.
func (r *run) sendMissing(ctx context.Context, f *local, s *session, line *line) (arrived int, err error) {
	missing := s.missing()
	line.found(f.item.size - s.bytes(missing, f.item.size))
	arrived, err = r.sendParts(ctx, f, s, missing, line)
	if err == nil {
		err = f.check()
	}
	if errors.Is(err, errChanged) {
		r.forget(s)
	}
	var no *refusal
	if errors.As(err, &no) && ctx.Err() == nil {
		// One part may be why the session failed, and another one heard of it first.
		if now, gone := r.client.session(ctx, s.ID); gone == nil && now.Status == "failed" && now.Error != "" {
			no.Detail = now.Error
		}
	}
	return arrived, err
}

// missing are the numbers of the parts to send.
func (s *session) missing() []int {
	var out []int
	next := 1
	for _, run := range append(slices.Clone(s.Received), [2]int{s.Parts + 1, s.Parts + 1}) {
		for ; next < run[0]; next++ {
			out = append(out, next)
		}
		next = run[1] + 1
	}
	return out
}

// place is where a part lies in a file of total bytes.
func (s *session) place(number int, total int64) (offset, size int64) {
	offset = int64(number-1) * s.ChunkSize
	return offset, min(s.ChunkSize, total-offset)
}

func (s *session) bytes(parts []int, total int64) (n int64) {
	for _, p := range parts {
		_, size := s.place(p, total)
		n += size
	}
	return n
}

// sendParts sends them over as many connections as are free, and returns how
// many arrived. The first error ends the others.
func (r *run) sendParts(ctx context.Context, f *local, s *session, parts []int, line *line) (arrived int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := 0
	take := func() (number int, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(parts) || ctx.Err() != nil {
			return 0, false
		}
		next++
		return parts[next-1], true
	}
	for range min(r.Parallel, len(parts)) {
		wg.Go(func() {
			for number, ok := take(); ok; number, ok = take() {
				err := r.sendPart(ctx, f, s, number, line)
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				arrived++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return arrived, context.Cause(ctx)
}

func (r *run) sendPart(ctx context.Context, f *local, s *session, number int, line *line) error {
	if err := r.acquire(ctx); err != nil {
		return err
	}
	defer r.release()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	offset, size := s.place(number, f.item.size)
	body := line.content(size, func() io.Reader { return &exact{io.NewSectionReader(f, offset, size), size, cancel} })
	return r.client.putPart(ctx, s.ID, number, body)
}

// exact ends the request for good when the file cannot be read, or ends before
// the part does.
type exact struct {
	io.Reader
	left int64
	fail context.CancelCauseFunc
}

func (e *exact) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	e.left -= int64(n)
	switch {
	case err == io.EOF && e.left > 0:
		e.fail(errChanged)
	case err != nil && err != io.EOF:
		e.fail(err)
	}
	return n, err
}

// forget ends a session that cannot become what the file is now. If that fails
// it expires by itself.
func (r *run) forget(s *session) {
	ctx, cancel := context.WithTimeout(context.Background(), silence)
	defer cancel()
	_, _ = r.client.try(ctx, call{method: http.MethodDelete, path: "api/v1/sessions/" + s.ID})
}

package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// smallest is up to which size a file goes by one request; it is held in
// memory meanwhile. Larger ones have parts of at least this size.
const smallest = 8 << 20

var errTooOften = errors.New("it was sent too often before; give the run another name with --run")

// sendSmall sends a file by one request.
func (r *run) sendSmall(ctx context.Context, it *item, line *line) (outcome, error) {
	if err := r.acquire(ctx); err != nil {
		return outcome{}, err
	}
	defer r.release()
	f, err := it.open()
	if err != nil {
		return outcome{}, err
	}
	defer f.Close()
	if it.size > smallest { // it grew since the walk
		return outcome{}, errChanged
	}
	bytes, err := f.content()
	if err != nil {
		return outcome{}, err
	}
	sum := sumOf(bytes)
	if got := r.known.find(it, sum); got != nil {
		return outcome{file: got, there: true}, nil
	}
	for g := range maxGenerations {
		got, again, err := r.putSmall(ctx, it, fileKey(r.seed(), r.batchID(), it, g), bytes, line)
		if keyReused(err) || err == nil && again && !got.here() {
			continue
		}
		if err == nil && got.SHA256 != sum {
			err = otherSum(got, sum)
		}
		return outcome{file: got, there: again}, err
	}
	return outcome{}, errTooOften
}

// putSmall repeats the request while an earlier one with this key seems to be
// under way: that of a run that was killed is given up by the portal in a while.
func (r *run) putSmall(ctx context.Context, it *item, key string, b []byte, line *line) (f *File, again bool, err error) {
	start := r.Clock.Now()
	for n := 0; ; n++ {
		f, again, err = r.client.put(ctx, it, r.batchID(), key, line.content(int64(len(b)), func() io.Reader { return bytes.NewReader(b) }))
		if !refused(err, http.StatusConflict) || keyReused(err) || r.Clock.Now().Sub(start) > r.RetryFor || r.batchClosed(ctx) {
			return f, again, err
		}
		r.client.trouble(err)
		if err := sleep(ctx, r.client.pause(min(n, 3), err)); err != nil {
			return nil, false, err
		}
	}
}

// keyReused tells that the key stands for something else.
func keyReused(err error) bool {
	var no *refusal
	return errors.As(err, &no) && no.status == http.StatusConflict && no.Field == "Idempotency-Key"
}

func otherSum(f *File, sum string) error {
	return fmt.Errorf("the portal has it with the SHA-256 %s, but here it is %s; name the run anew with --run to send it again", f.SHA256, sum)
}

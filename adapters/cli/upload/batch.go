package upload

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"doorito/domain"
)

// known are files that the portal has in batches of this command.
type known struct{ files map[string][]*File }

// place is what a file is found by: the portal cleans names and folders.
func place(folder, name string, size int64) string {
	if clean, err := domain.CleanFilename(name); err == nil {
		name = clean
	}
	return domain.CleanFolder(folder) + "\x00" + name + "\x00" + strconv.FormatInt(size, 10)
}

func (k *known) add(f *File) {
	if f.here() {
		at := place(f.Metadata["path"], f.Name, f.Size)
		k.files[at] = append(k.files[at], f)
	}
}

// may tells whether a file could be there; its content decides.
func (k *known) may(it *item) bool { return len(k.files[place(it.folder, it.name, it.size)]) > 0 }

// find returns the file with this content; nil when it is not there.
func (k *known) find(it *item, sum string) *File {
	for _, f := range k.files[place(it.folder, it.name, it.size)] {
		if f.SHA256 == sum {
			return f
		}
	}
	return nil
}

// openBatch makes the batch, or meets that of an earlier run. What is in a
// finalised one is set aside; the rest goes to the next generation.
func (r *run) openBatch(ctx context.Context) error {
	paths := make([]string, len(r.Paths))
	for i, p := range r.Paths {
		abs, err := filepath.Abs(p)
		if err != nil {
			return err
		}
		paths[i] = abs
	}
	slices.Sort(paths)
	label := r.Batch
	if label == "" {
		label = labelOf(r.Paths)
	}
	for g := range maxGenerations {
		key := batchKey(r.seed(), label, paths, g)
		b, again, err := r.client.openBatch(ctx, label, key)
		if err != nil {
			return err
		}
		r.batch, r.batchKey = b, key
		if !again {
			return nil
		}
		err = r.client.filesOf(ctx, b.ID, r.known.add)
		blind := refused(err, http.StatusForbidden)
		if err != nil && !blind {
			return err
		}
		if b.Sealed == nil {
			return nil
		}
		if blind {
			return errors.New("the batch of this command is finalised, and a token without the scope read cannot see what is in it; use one with read, or give the run another name with --run")
		}
		if err := r.setAside(ctx); err != nil || len(r.items) == 0 {
			return err
		}
	}
	return errTooOften
}

// setAside reports the items whose content is in the batch and leaves the rest.
func (r *run) setAside(ctx context.Context) error {
	var mu sync.Mutex
	var left []*item
	r.each(ctx, r.items, func(ctx context.Context, it *item) {
		got, err := r.recognise(ctx, it)
		if got != nil {
			r.show.end(r.show.begin(it))
			r.report(it, outcome{file: got, there: true}, nil)
			return
		}
		if err != nil && ctx.Err() != nil {
			return
		}
		mu.Lock() // what cannot be read is told when it is its turn
		defer mu.Unlock()
		left = append(left, it)
	})
	slices.SortFunc(left, func(a, b *item) int { return a.at - b.at })
	r.items = left
	return context.Cause(ctx)
}

// recognise returns the file of the portal that has the item's content; nil
// when there is none.
func (r *run) recognise(ctx context.Context, it *item) (*File, error) {
	if !r.known.may(it) {
		return nil, nil
	}
	f, err := it.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum, err := f.sum(ctx)
	if err != nil {
		return nil, err
	}
	return r.known.find(it, sum), f.check()
}

// batchClosed tells whether the batch takes no more files.
func (r *run) batchClosed(ctx context.Context) bool {
	if r.batch == nil {
		return false
	}
	b, _, err := r.client.openBatch(ctx, r.batch.Label, r.batchKey)
	return err == nil && b.Sealed != nil
}

// seal finalises the batch when every file is there. Otherwise it stays open
// for the same command to go on; the portal closes it when it was idle for a day.
func (r *run) seal(ctx context.Context) error {
	if r.batch == nil || r.batch.Sealed != nil || r.tally.failed > 0 {
		return nil
	}
	b, err := r.client.finalise(ctx, r.batch.ID)
	if err == nil {
		r.batch = b
	}
	return err
}

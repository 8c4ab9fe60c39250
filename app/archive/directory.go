package archive

import "doorito/domain"

// directory makes a central directory that is too big to be kept, out of the
// same rows once more.
type directory struct {
	r      *reader
	walk   *walk
	names  *names
	offset int64 // of the next entry's local header
	n      int   // entries so far
}

func newDirectory(r *reader) *directory {
	return &directory{r: r, walk: &walk{plan: r.plan}, names: newNames(r.plan.seed)}
}

// next makes the entries of some rows; after the last comes the end.
func (d *directory) next() error {
	files, _, err := d.walk.next(d.r.ctx, true)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		if d.offset != d.r.begun {
			return domain.Errorf(domain.Internal, "The rows of the archive speak of %d bytes by now, not of %d.", d.offset, d.r.begun)
		}
		d.r.step = d.r.finish
		return nil
	}
	made := d.r.scrap
	for _, f := range files {
		e := entryOf(f, d.names)
		e.crc, e.offset = d.r.crcs[d.n], d.offset
		d.offset += e.localSize()
		made = e.appendCentral(made)
		d.n++
	}
	d.r.emit(made)
	return nil
}

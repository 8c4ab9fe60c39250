package disk

import "os"

// dataSync makes bytes and length of f durable, unless nothing is synced.
func (b *Blobs) dataSync(f *os.File) error {
	if b.lazy {
		return nil
	}
	return dataSync(f)
}

// startWriteback is for what a dataSync follows.
func (b *Blobs) startWriteback(f *os.File, offset, n int64) {
	if !b.lazy {
		startWriteback(f, offset, n)
	}
}

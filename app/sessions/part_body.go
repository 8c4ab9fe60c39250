package sessions

import (
	"errors"
	"io"

	"doorito/app/stream/digest"
)

// partBody hashes what is read through it. It fills what it is given, as long
// pieces are hashed faster.
type partBody struct {
	from io.Reader
	sum  *digest.Digest // of the part
	file *digest.Digest // of the file up to the part; nil when others come first
}

func (b *partBody) Read(p []byte) (int, error) {
	n, err := io.ReadFull(b.from, p)
	if b.file != nil {
		digest.WriteBoth(b.sum, b.file, p[:n])
	} else {
		_, _ = b.sum.Write(p[:n]) // a hash never fails
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

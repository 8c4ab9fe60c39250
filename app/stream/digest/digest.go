package digest

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
)

// sum is what crypto/sha256 returns.
type sum interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// Digest is a SHA-256 over a stream. Its marshalled state is that of
// crypto/sha256. It is used by one goroutine at a time.
type Digest struct {
	sum
	scratch state
}

var _ hash.Hash = (*Digest)(nil)

// New is a SHA-256 over nothing yet.
func New() *Digest { return &Digest{sum: sha256.New().(sum)} }

// leastShared is how many bytes are worth meeting another stream for.
const leastShared = 16 << 10

// Write adds p; it never fails. It returns when p has been read.
func (d *Digest) Write(p []byte) (int, error) {
	if !paired || len(p) < leastShared {
		return d.sum.Write(p)
	}
	n := len(p)
	streams.write(&turn{digest: d, rest: p})
	return n, nil
}

// WriteBoth adds p to two digests.
func WriteBoth(a, b *Digest, p []byte) {
	if !paired {
		_, _ = a.sum.Write(p)
		_, _ = b.sum.Write(p)
		return
	}
	together(&turn{digest: a, rest: p}, &turn{digest: b, rest: p})
}

// Layout of the state that crypto/sha256 marshals: a name of four bytes, eight
// words, the last block as far as it is there, and the length in bytes.
const (
	wordsAt   = 4
	lengthAt  = wordsAt + sha256.Size + sha256.BlockSize
	stateSize = lengthAt + 8
)

// state is a marshalled crypto/sha256 between two blocks.
type state [stateSize]byte

// words are H of FIPS 180-4, section 5.3.3.
type words [8]uint32

func (s *state) words() (w words) {
	for i := range w {
		w[i] = binary.BigEndian.Uint32(s[wordsAt+4*i:])
	}
	return w
}

// advance sets what n further bytes made of the state.
func (s *state) advance(w words, n int) {
	for i, x := range w {
		binary.BigEndian.PutUint32(s[wordsAt+4*i:], x)
	}
	at := s[lengthAt:]
	binary.BigEndian.PutUint64(at, binary.BigEndian.Uint64(at)+uint64(n))
}

// open reads the digest's state, and says how many bytes its last block lacks.
func (d *Digest) open() (lacks int, ok bool) {
	b, err := d.sum.AppendBinary(d.scratch[:0])
	if err != nil || len(b) != stateSize {
		return 0, false
	}
	rest := binary.BigEndian.Uint64(d.scratch[lengthAt:]) % sha256.BlockSize
	return int((sha256.BlockSize - rest) % sha256.BlockSize), true
}

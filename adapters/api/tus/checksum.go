package tus

import (
	"crypto/sha1" // tus 1.0 demands it; it proves a transfer here, nothing more
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
)

// algorithmNames as Tus-Checksum-Algorithm lists them.
const algorithmNames = "sha1,sha256"

var newDigest = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New}

var _ hash.Hash = (*checksum)(nil)

// checksum is what a request says of its body ("Checksum"), in its header or,
// announced by Trailer, behind a chunked body. As a hash it takes the body's
// bytes; which digest counts may be known only when they are all here.
type checksum struct {
	digests map[string]hash.Hash
	trailer func() (string, error) // nil when the header said it
	name    string
	want    []byte
	err     error // of the trailer
}

// readChecksum returns nil when the request has none; Invalid when it is none
// or of another algorithm. size is the body's, -1 for a chunked one.
func readChecksum(c *fiber.Ctx, size int64) (*checksum, error) {
	text, err := one(c, hChecksum)
	if err != nil {
		return nil, err
	}
	announced := slices.ContainsFunc(c.Request().Header.PeekTrailerKeys(), func(k []byte) bool { return strings.EqualFold(string(k), hChecksum) })
	switch {
	case announced && (text != "" || size >= 0):
		return nil, domain.FieldErrorf(hChecksum, "Trailer announces a checksum that cannot come: send Upload-Checksum either before the bytes, or behind a body in chunks.")
	case announced:
		s := &checksum{digests: map[string]hash.Hash{}, trailer: func() (string, error) { return one(c, hChecksum) }}
		for name, make := range newDigest {
			s.digests[name] = make()
		}
		return s, nil
	case text == "":
		return nil, nil
	}
	name, want, err := parseChecksum(text)
	if err != nil {
		return nil, err
	}
	return &checksum{digests: map[string]hash.Hash{name: newDigest[name]()}, name: name, want: want}, nil
}

// parseChecksum reads an algorithm's name, a space, and Base64.
func parseChecksum(text string) (name string, want []byte, err error) {
	name, encoded, _ := strings.Cut(text, " ")
	make, ok := newDigest[name]
	if !ok {
		return "", nil, domain.FieldErrorf(hChecksum, "Upload-Checksum is taken in %s. Use one of these.", algorithmNames)
	}
	want, err = base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(want) != make().Size() {
		return "", nil, domain.FieldErrorf(hChecksum, "Upload-Checksum is %s, a space, and %d bytes in Base64. Send that.", name, make().Size())
	}
	return name, want, nil
}

// resolve reads the trailer, once the body has ended.
func (s *checksum) resolve() {
	if s.trailer == nil {
		return
	}
	text, err := s.trailer()
	if s.trailer = nil; err == nil {
		s.name, s.want, err = parseChecksum(text)
	}
	s.err = err
}

// Want is the digest that the client sent; nil when its trailer has none.
func (s *checksum) Want() []byte {
	s.resolve()
	return s.want
}

// Sum is the digest of the bytes; one that equals nothing when the trailer
// does not say which.
func (s *checksum) Sum(b []byte) []byte {
	if s.resolve(); s.err != nil {
		return append(b, 0)
	}
	return s.digests[s.name].Sum(b)
}

// Write takes bytes; it never fails.
func (s *checksum) Write(p []byte) (int, error) {
	for _, d := range s.digests {
		d.Write(p)
	}
	return len(p), nil
}

// Reset starts over.
func (s *checksum) Reset() {
	for _, d := range s.digests {
		d.Reset()
	}
}

// Size of the longest digest that may come.
func (s *checksum) Size() int { return sha256.Size }

// BlockSize is the same for all.
func (s *checksum) BlockSize() int { return sha256.BlockSize }

package tus

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
)

// contentDigest is what the request says of its body (RFC 9530, section 2);
// nil when it says nothing that can be checked. Invalid for a digest of another
// length than its algorithm has.
func contentDigest(c *fiber.Ctx) (*checksum, error) {
	for _, kind := range []struct {
		name string
		hash func() hash.Hash
	}{{"sha-256", sha256.New}, {"sha-512", sha512.New}} {
		want, ok := digestOf(c, "Content-Digest", kind.name)
		if !ok {
			continue
		}
		digest := kind.hash()
		if len(want) != digest.Size() {
			return nil, domain.FieldErrorf("Content-Digest", "The %s of Content-Digest has %d bytes, not %d. Send the digest of the body.", kind.name, len(want), digest.Size())
		}
		return &checksum{digests: map[string]hash.Hash{kind.name: digest}, name: kind.name, want: want}, nil
	}
	return nil, nil
}

// setReprDigest tells the digest of the whole file (RFC 9530, section 3).
func setReprDigest(c *fiber.Ctx, f *domain.File) {
	if f == nil || f.SHA256 == "" {
		return
	}
	if sum, err := hex.DecodeString(f.SHA256); err == nil {
		c.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")
	}
}

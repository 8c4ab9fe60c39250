package sessions

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// prefix is a SHA-256 over a file's first bytes. In parts mode the session's
// hash state is one, over the parts that came in order; the rest is hashed when
// the upload is complete.
type prefix struct {
	hash   hash.Hash
	length int64
}

// readPrefix reads what bytes wrote; nil is the prefix of no bytes.
func readPrefix(state []byte) (prefix, error) {
	p := prefix{hash: sha256.New()}
	if len(state) < 8 {
		return p, nil
	}
	p.length = int64(binary.BigEndian.Uint64(state))
	return p, p.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(state[8:])
}

func (p prefix) bytes() ([]byte, error) {
	return p.hash.(encoding.BinaryAppender).AppendBinary(binary.BigEndian.AppendUint64(nil, uint64(p.length)))
}

func (p prefix) hex() string { return hex.EncodeToString(p.hash.Sum(nil)) }

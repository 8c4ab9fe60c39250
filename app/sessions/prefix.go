package sessions

import (
	"encoding/binary"
	"encoding/hex"

	"doorito/app/stream/digest"
)

// prefix is a SHA-256 over a file's first bytes. In parts mode the session's
// hash state is one, over the parts that came in order; the rest is hashed when
// the upload is complete.
type prefix struct {
	hash   *digest.Digest
	length int64
}

// readPrefix reads what bytes wrote; nil is the prefix of no bytes.
func readPrefix(state []byte) (prefix, error) {
	p := prefix{hash: digest.New()}
	if len(state) < 8 {
		return p, nil
	}
	p.length = int64(binary.BigEndian.Uint64(state))
	return p, p.hash.UnmarshalBinary(state[8:])
}

func (p prefix) bytes() ([]byte, error) {
	return p.hash.AppendBinary(binary.BigEndian.AppendUint64(nil, uint64(p.length)))
}

func (p prefix) hex() string { return hex.EncodeToString(p.hash.Sum(nil)) }

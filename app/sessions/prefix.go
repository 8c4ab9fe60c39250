package sessions

import (
	"bytes"
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

// prefixState is a prefix written down. Two that are equal have the same bytes
// before them.
type prefixState []byte

// readPrefix reads what state wrote; nil is the prefix of no bytes.
func readPrefix(state prefixState) (prefix, error) {
	p := prefix{hash: digest.New(), length: state.length()}
	if len(state) < 8 {
		return p, nil
	}
	return p, p.hash.UnmarshalBinary(state[8:])
}

func (p prefix) state() (prefixState, error) {
	if p.length == 0 {
		return nil, nil
	}
	return p.hash.AppendBinary(binary.BigEndian.AppendUint64(nil, uint64(p.length)))
}

func (p prefix) hex() string { return hex.EncodeToString(p.hash.Sum(nil)) }

// length in bytes of the file.
func (s prefixState) length() int64 {
	if len(s) < 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(s))
}

func (s prefixState) equal(other prefixState) bool { return bytes.Equal(s, other) }

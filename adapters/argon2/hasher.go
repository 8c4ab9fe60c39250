package argon2

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"

	"doorito/domain"
	"doorito/ports"
)

const (
	saltSize = 16
	hashSize = 32
)

// params are what a hash was made with.
type params struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

var current = params{memory: 19 << 10, passes: 2, lanes: 1}

// Hashes with more than this are not ours and would only cost memory and time.
var most = params{memory: 256 << 10, passes: 16, lanes: 16}

// Hasher is a ports.PasswordHasher.
type Hasher struct {
	rnd   io.Reader
	turns chan struct{}
}

var _ ports.PasswordHasher = (*Hasher)(nil)

// NewHasher takes salts from rnd and lets `parallel` hashes run at once; 0
// means as many as there are processors.
func NewHasher(rnd io.Reader, parallel int) *Hasher {
	if parallel < 1 {
		parallel = runtime.GOMAXPROCS(0)
	}
	return &Hasher{rnd: rnd, turns: make(chan struct{}, parallel)}
}

// Hash returns a PHC string; Unavailable when ctx ends while waiting.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(h.rnd, salt); err != nil {
		return "", domain.WrapError(domain.Internal, err, "No random bytes to be had.")
	}
	sum, err := h.run(ctx, password, salt, current, hashSize)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		current.memory, current.passes, current.lanes, b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

// Verify tells whether the password made the hash; Unavailable when ctx ends
// while waiting, Internal for a hash that is damaged. An empty or damaged hash
// is worked on as long as a good one.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (bool, error) {
	p, salt, want, broken := parse(hash)
	if hash == "" || broken != nil {
		p, salt, want = current, make([]byte, saltSize), make([]byte, hashSize)
	}
	got, err := h.run(ctx, password, salt, p, uint32(len(want)))
	switch {
	case err != nil:
		return false, err
	case hash == "":
		return false, nil
	case broken != nil:
		return false, domain.WrapError(domain.Internal, broken, "A stored password is damaged. Set a new one.")
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// run waits for its turn and hashes.
func (h *Hasher) run(ctx context.Context, password string, salt []byte, p params, size uint32) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, busy(err)
	}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return nil, busy(ctx.Err())
	}
	return argon2.IDKey([]byte(password), salt, p.passes, p.memory, p.lanes, size), nil
}

func busy(cause error) error {
	return domain.WrapError(domain.Unavailable, cause, "Too many people sign in at this moment. Try again in a few seconds.")
}

// parse reads a PHC string.
func parse(s string) (p params, salt, sum []byte, err error) {
	f := strings.Split(s, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" {
		return p, nil, nil, fmt.Errorf("argon2: not an argon2id hash")
	}
	var version int
	if _, err = fmt.Sscanf(f[2], "v=%d", &version); err != nil || version != argon2.Version {
		return p, nil, nil, fmt.Errorf("argon2: version %q", f[2])
	}
	if _, err = fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return p, nil, nil, fmt.Errorf("argon2: parameters %q: %w", f[3], err)
	}
	if p.passes < 1 || p.lanes < 1 || p.memory > most.memory || p.passes > most.passes || p.lanes > most.lanes {
		return p, nil, nil, fmt.Errorf("argon2: parameters %q are out of bounds", f[3])
	}
	if salt, err = base64.RawStdEncoding.DecodeString(f[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return p, nil, nil, fmt.Errorf("argon2: the salt cannot be read")
	}
	if sum, err = base64.RawStdEncoding.DecodeString(f[5]); err != nil || len(sum) < 16 || len(sum) > 64 {
		return p, nil, nil, fmt.Errorf("argon2: the hash cannot be read")
	}
	return p, salt, sum, nil
}

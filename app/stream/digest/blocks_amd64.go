package digest

import (
	"crypto/fips140"
	"crypto/sha256"
	"runtime"
)

// paired says that two streams can be hashed at once.
var paired = !fips140.Enabled() && hasSHA() && agrees()

// streams has a slot for each processor that the process may use.
var streams = queue{free: runtime.GOMAXPROCS(0)}

// hasSHA says whether the processor has SHA-NI.
func hasSHA() bool {
	const (
		ssse3 = 1 << 9  // of leaf 1, ECX
		sse41 = 1 << 19 // of leaf 1, ECX
		sha   = 1 << 29 // of leaf 7, EBX
	)
	if most, _, _ := cpuid(0); most < 7 {
		return false
	}
	_, _, c := cpuid(1)
	_, b, _ := cpuid(7)
	return c&ssse3 != 0 && c&sse41 != 0 && b&sha != 0
}

// agrees tries whether crypto/sha256 still marshals what this package reads.
func agrees() bool {
	text := make([]byte, 3*sha256.BlockSize+1)
	a, b := New(), New()
	together(&turn{digest: a, rest: text}, &turn{digest: b, rest: text[1:]})
	return [sha256.Size]byte(a.Sum(nil)) == sha256.Sum256(text) && [sha256.Size]byte(b.Sum(nil)) == sha256.Sum256(text[1:])
}

// cpuid asks the processor about a leaf, its first subleaf.
func cpuid(leaf uint32) (eax, ebx, ecx uint32)

// blocks hashes n blocks of 64 bytes at p into a, and n at q into b; n > 0.
func blocks(a, b *words, p, q *byte, n int) { blocksSHA(a, b, p, q, n, &fixed) }

// same hashes the same n blocks, at p, into a and into b; n > 0.
func same(a, b *words, p *byte, n int) { sameSHA(a, b, p, n, &fixed) }

//go:noescape
func blocksSHA(a, b *words, p, q *byte, n int, t *table)

//go:noescape
func sameSHA(a, b *words, p *byte, n int, t *table)

// table is what does not change.
type table struct {
	k     [64]uint32 // FIPS 180-4, section 4.2.2
	order [16]byte   // in which PSHUFB makes words of a message
}

var fixed = table{
	k: [64]uint32{
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
		0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
		0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
		0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
		0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
	},
	order: [16]byte{3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12},
}

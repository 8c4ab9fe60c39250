// Package portstest holds one contract suite for each driven port. Every
// adapter runs the suite of the port it implements, so that SQLite and
// PostgreSQL, disk, S3 and memory, Redis and the embedded queue keep the same
// promises:
//
//	func TestBlobs(t *testing.T) {
//		portstest.Blobs(t, func(t *testing.T) ports.Blobs { … a fresh one … })
//	}
//
// A new port gets its suite first, then its adapters.
package portstest

// MiB is what the suites of storage take for a MiB. It is the real one for S3,
// whose parts have a least size; a storage without one sets less before its
// suites run, for the race detector looks at every byte that is copied.
var MiB = 1 << 20

// Package digest computes SHA-256 (FIPS 180-4) of several streams at once, two
// for the time of one.
//
// The SHA instructions of a processor wait for each other: every two rounds
// need the result of the two before, and meanwhile the unit that computes them
// stands still half of the time. Two streams whose rounds alternate keep it
// busy. One stream alone gains nothing.
//
// So whoever writes to a Digest while all slots are taken waits in a queue, and
// whoever leaves a slot hands it to the first of the queue, who takes the next
// along. There is a slot for each processor: with fewer, all streams would wait
// whenever the system takes a processor from the one that hashes.
//
//	Write ── free slot ──────────────► alone ──┐
//	  │                                        ├──► next of the queue
//	  └── no slot ── queue ── handed a slot ──►│
//	                   │       with another ───┘
//	                   └── taken along: done
//
// WriteBoth is for two digests of the same bytes, a part's and its file's. Where
// their blocks begin at the same bytes, the words of the message are scheduled
// once for both, which takes no longer than one.
//
// Where the processor has no such instructions, and in FIPS 140 mode, which
// asks for the standard library's code, all is crypto/sha256.
package digest

// Package stream carries an upload's bytes from the request to storage and
// hashes them on the way, three things side by side on a few pooled buffers:
//
//	         ┌──► hash ──┐
//	read ────┤           ├──► buffer is free again
//	         └──► write ─┘
//
// Reading happens in the goroutine that calls Copy, because only the caller
// knows how to interrupt its source (a read deadline on a connection, say).
// Hashing and writing have a goroutine each, and Copy waits for both before it
// returns, whatever went wrong: nobody touches source or destination after it.
//
// After each read the buffer is passed on if it is full or if the other two
// have nothing to do. So a fast source is carried in large pieces, and the
// bytes of a slow one are on their way at once, but for those that came while
// the others were busy: they wait, less than a buffer, for the next read to
// return. Memory is bounded, however long a stream is: it has two small buffers
// of its own, and one that fills them takes large ones instead, from a stock that
// all streams share.
//
// Resume does the same for an upload that comes in several requests: it goes on
// from an offset with the hash's state, and makes checkpoints at which storage
// and hash agree on one offset.
//
// Feed lets the destination read for itself: a storage takes a part that way,
// while another writer hashes the same bytes.
//
// Copy neither commits nor aborts its destination; the use case does, once it
// knows what the bytes turned out to be.
package stream

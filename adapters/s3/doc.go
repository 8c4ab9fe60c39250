// Package s3 keeps blobs in a bucket of any S3-compatible storage.
//
//	up to one part    bytes are collected ──────────────── Commit: PutObject
//	more than that    UploadPart, a few at a time ──────── Commit: CompleteMultipartUpload
//	                                               └────── Abort: AbortMultipartUpload
//
// So an object is there whole or not at all. A part has 8 MiB; it is larger
// only where a file would otherwise need more than the 10,000 parts that S3
// allows. Objects are stored as application/octet-stream with Content-Disposition:
// attachment, so that a storage that serves them to a browser directly never
// makes it show them.
//
// # Blobs that arrive in pieces
//
// A stage (ports.Staging) is a multipart upload and a few small objects beside
// it. The note that is saved with the session says where the bytes are:
//
//	0 ───────────────────── End ─────────── offset
//	  parts 1 … Parts of      tails: objects
//	  the multipart upload    <key>.tail.<from>-<to>-<hash>
//
// S3 takes no part under 5 MiB, so Checkpoint keeps what does not fill a part
// in a tail; Append reads the tails back as the head of the next part. A tail
// never changes, and its name tells its bytes, so writers that do not know of
// each other cannot spoil one another's. A new tail takes in older ones that
// are not larger than what follows them: many short requests make few tails.
// Tails that are taken in, or part of a part, are removed one checkpoint later,
// when the note that does not name them has been saved; Finish and Discard
// sweep what is left.
//
// Parts can be replaced by a writer that died late. The note therefore keeps a
// hash over the tags of the parts; Finish compares it with what the storage has
// and refuses a mixture. A file that fits into one part has no multipart
// upload: its tails are read and put as one object.
//
// Checkpoint waits for the parts on their way. Where the line is faster than
// the storage, frequent checkpoints cost what parallel parts would gain.
//
// # Memory
//
// Parts are collected in pages of 256 KiB from a common pool, and all writers
// of the process draw on one Budget, of which what streams hold on the way to
// them is taken off. A part is charged whole before its first byte: whoever has
// begun one can finish it, so a crowd of half-filled parts can never wait for
// each other. Over the budget uploads wait in line and slow down; none fails. While others wait, a stage writer gives its part back at
// each checkpoint, which put the bytes into tails, and lines up again with its
// next Write: a crowd of slow lines shares the budget in turns. One that has
// written nothing since its checkpoint is asked to, the idlest first.
//
// # What the storage must allow
//
// The keys need s3:GetObject, s3:PutObject, s3:DeleteObject,
// s3:AbortMultipartUpload, s3:ListMultipartUploadParts,
// s3:ListBucketMultipartUploads and s3:ListBucket on the bucket. A lifecycle
// rule that aborts multipart uploads after a few days is a good second broom;
// the first are Delete and Discard, which remove what unfinished writers of a
// key left behind.
//
// The body of a request is signed over plain HTTP, and left to TLS to protect
// over HTTPS; parts for a storage on this very machine are not signed either. Checksums that only some providers know are not sent.
package s3

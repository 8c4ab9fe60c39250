// Package upload sends files to a portal over its JSON API (driving): many
// files and folders, in parallel, resumable by running the same command again.
//
//	walk ── batch ──┬─ small files: one PUT each
//	                ├─ larger ones: a session, its parts side by side, completion
//	                └─ finalise, when every file is there
//
// # Resuming without a memory
//
// Nothing is kept on this machine. Batch, files and sessions are created under
// Idempotency-Keys that are computed (key.go) from the host, the files' absolute
// paths, sizes and times of modification, and the batch. The same command
// therefore meets the same batch and the same sessions, whatever ended the run
// before: a session says which parts are there, and only the others are sent.
// Small files that are in the batch are recognised by folder, name, size and
// SHA-256.
//
// Where the earlier thing is of no more use, the key goes to its next
// generation: a session that expired, was aborted or refused; a file that was
// deleted; a batch that was finalised and in which something is missing.
// Options.Run takes the place of the host's name: another one sends anew.
//
// # What ends what
//
// A request is tried again after a broken connection, 408, 425, 429 and 5xx,
// after a growing pause or what Retry-After says, for as long as
// Options.RetryFor. Every other refusal ends that file, with the portal's
// sentence; the others go on. 401, and a portal that does not answer at all for
// that long, end the run.
package upload

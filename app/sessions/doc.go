// Package sessions takes files in by pieces: an upload goes on where it was,
// whatever broke, and ends as one stored file with one `file.stored`.
//
//	Create ─► init ─► in_progress ─► completing ─► complete
//	            │           │            └─► failed (type, hash, pieces lost)
//	            └───────────┴─► aborted, failed (type, expiry)
//
// Create commits session and file (`uploading`) with the storage key before the
// first byte. The first write decides the mode:
//
// Append writes in order. It raises the session's epoch, which ends whoever
// wrote before, and goes on at the durable offset with the hash's state. Every
// few megabytes or second the storage syncs, then offset, hash state and the
// storage's note are saved in one row under that epoch. The checkpoint that
// reaches the declared size moves the session to completing at once.
//
// PutPart writes parts by number in any order; the same content again is
// success. Parts that come side by side take the file's hash on in turn, while
// they are received (see chain); one that is too early for that is hashed by
// reading it back, when those before it are here or when the file is complete.
//
// Complete has three steps that may each be done again: the row says
// completing; the storage assembles the blob; then file, session and event are
// committed together, by compare-and-set, so that of two completions at once
// one has the effect and both the answer. What died in between is finished by
// FinishLeft, which workers call every few seconds and each sweep again; what
// was left lying is ended by ExpireIdle, which package upkeep calls.
//
// A small upload that is all there skips the steps: its blob goes under a key
// that was reserved, and one commit makes session, file and event (Create with
// First). CreateAll does that for several with the same commit; whatever does
// not fit goes alone, and the keys of the clients keep it from being there twice.
//
// A tus partial has no file; a final joins partials by the same steps.
package sessions

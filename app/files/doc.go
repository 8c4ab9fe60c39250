// Package files takes files in and looks after them: uploads, batches, reads,
// downloads and deleting.
//
// An upload takes two transactions. The first commits the file in `uploading`
// with its storage key, so that no byte is ever without a row; then the body
// streams through package stream into storage; the second moves the file to
// `stored` and appends `file.stored`. Whatever fails in between, the row becomes
// `failed` with the reason and its event by compare-and-set, and only then the
// bytes go: a commit whose answer was lost can never cost a stored file its
// bytes. A process that dies leaves `uploading` without a sign of life, which
// the cleanup in package upkeep ends the same way.
package files

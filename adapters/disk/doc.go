// Package disk keeps blobs in a folder:
//
//	root/uploads/2026/01/<uuid>      blobs, each under its key
//	root/.staging/<key>~<random>     blobs that are being written
//	root/.staging/<key>~stage        blobs that arrive in pieces
//	root/.staging/<key>~turns        whose turn it is to write each part
//	root/.journal/<random>           bytes of small blobs that are not synced yet
//
// A blob is written under a name in .staging, with syncing that runs behind
// the writer, so that little is left to do at the end. Commit syncs the rest,
// renames the file to its key and syncs the folders: after that the blob
// survives a power cut, and before that nobody sees it. Keys never begin a
// segment with a dot, so no blob can be taken for a staged one.
//
//	Create ── Write … ── Commit    staged file becomes the blob
//	             └────── Abort     staged file is removed
//
// A small blob (Put) goes under its key at once. To sync each takes the disk
// several writes and the processor longer than all else, so from the 33rd on
// their bytes also go to a journal, one sync of which serves all that come at the
// same time; their own files are synced together within seconds. When the process
// or the machine stops before, the next New (or another process) makes those again
// that are not whole. One may come back then that was removed in the same seconds;
// the sweep of the storage takes it. Each process has two journals of 16 MiB, which
// it removes at its end, where syncfs(2) can be trusted.
//
// A blob that arrives in pieces (ports.Staging) has one staging file, into
// which every piece goes at its place; the note of a stage says nothing more.
//
//	Begin ── Append … Checkpoint ┬── Finish     synced, renamed to its key
//	     └── WritePart … ────────┘── Discard    removed
//
// A checkpoint is an fdatasync; the bytes have been on their way to the disk all
// the time, so there is little left to wait for. What is long goes in blocks
// past the page cache, unless the file system cannot, or nothing is synced and
// the disk is slower than what comes: the rest, and what a checkpoint finds of
// an unfinished block, the kernel writes behind the writer. Whoever appends
// holds a lock on the file (flock), writers of parts share one. A newer writer
// ends the older one when it lives in this process. When it lives in another, it
// keeps the file, and a copy of the durable prefix takes the file's place: it
// can spoil nothing any more. Writers of the same part share the file, so they
// take turns: each raises the part's number in ~turns, and looks before every
// write, under a lock on that number, whether it is still its own.
//
// What a crash leaves in .staging is removed by Delete of its key, which the
// upload's cleanup calls. Several processes may share one folder, if its file
// system renames atomically (local ones do).
//
// Files are made with mode 0600 and folders with 0700.
package disk

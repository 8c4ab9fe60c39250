// Package disk keeps blobs in a folder:
//
//	root/uploads/2026/01/<uuid>      blobs, each under its key
//	root/.staging/<key>~<random>     blobs that are being written
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
// What a crash leaves in .staging is removed by Delete of its key, which the
// upload's cleanup calls. Several processes may share one folder, if its file
// system renames atomically (local ones do).
//
// Files are made with mode 0600 and folders with 0700.
package disk

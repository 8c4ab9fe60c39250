// Package archive streams many files as one ZIP archive (APPNOTE 6.3.10).
//
// The archive is made while it is read, no faster than the client takes it: no
// temporary file, no whole file in memory. Its files are stored as they are.
// Most of what people hand in is compressed already, and bytes that are only
// passed on have a length that is known beforehand, so that a browser shows how
// far it is and notices when something is missing.
//
// What is in it is settled once, by NewPlan: the ids of the files, oldest
// first. Rows are read three times, a page at a time:
//
//	NewPlan   every file: names and sizes         → the exact length
//	Open      files, in the order of the plan     → local header, bytes, CRC-32
//	          the same files once more            → the central directory
//
// So a process keeps some 60 bytes for each file, however long its name (its
// id, its CRC-32 and a hash of its name), and a few buffers. A file that is gone
// or broken when its turn comes ends the reading with an error, never the
// archive with a gap: the connection is cut, and what arrived is shorter than
// its Content-Length and has no central directory.
package archive

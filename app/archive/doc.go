// Package archive streams many files as one ZIP archive (APPNOTE 6.3.10).
//
// The archive is made while it is read, no faster than the client takes it: no
// temporary file, no whole file in memory. Its files are stored as they are.
// Most of what people hand in is compressed already, and bytes that are only
// passed on have a length that is known beforehand, so that a browser shows how
// far it is and notices when something is missing.
//
// What is in it is settled once, by NewPlan: the ids of the files, oldest
// first. Rows are read a page at a time, one page ahead of what is sent:
//
//	NewPlan   every file: names and sizes         → the exact length
//	Open      files, in the order of the plan     → pieces
//	          the same files once more            → a central directory over 1 MB
//
// A piece is some small files, read whole and framed by their headers, up to
// 256 KB together; eight are made side by side, and each is sent from where it
// was made. A bigger file is a piece by itself and is streamed.
//
// So a process keeps some 60 bytes for each file, however long its name (its
// id, its CRC-32 and a hash of its name), and a few buffers. A file that is gone
// or broken when its turn comes ends the reading with an error, never the
// archive with a gap: the connection is cut, and what arrived is shorter than
// its Content-Length and has no central directory.
package archive

// Package mimetype tells what a file is, by its first bytes and by the ending
// of its name. Both answers speak the same names for types, so that the rules
// in domain.UploadPolicy can compare them.
//
// The bytes are read by gabriel-vasile/mimetype, with two corrections. A few
// formats are known by two or three letters alone, so text that happens to
// begin with "MZ" or "BM" is taken for text. And images and sounds in an MP4
// container are not also called videos.
//
// The endings stand in a table of our own: the tables of the machine differ
// from one to the next, and so would what is accepted.
package mimetype

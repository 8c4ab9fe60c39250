// Package sharing makes share links and lets strangers in by them.
//
//	/s/TOKEN ── password? ── page ── "Download" (POST) ── counted ── ticket
//	                                                                   │
//	                              bytes, ranges, resumes (GET) ◄───────┘
//
// A link is a random token of which only the hash is kept. It reaches what its
// maker can see at that moment: when the account is switched off, loses its
// role or is deleted, so does the link.
//
// What counts is the beginning of a download: a POST, since mail scanners and
// previews follow every GET, adds one by compare-and-set and answers with a
// ticket. The ticket opens the bytes for six hours as often as that browser asks
// for them, so that the ranges of a download that is resumed, or of a player,
// are one download. It is sealed, names what it is for, and is good only beside
// the pass in the browser's cookie: handing the address on hands nothing on.
// A look at a file before that (Look) does not count and is not logged: it is
// part of the page, which scanners fetch too. It ends with the link as the page
// does, and where downloads are counted there is none, since it brings the same
// bytes.
//
// Revoking the link, or its expiry, ends tickets too; using it up does not, for
// the last download has to arrive. On S3 a ticket is answered with a presigned
// address of the storage, which lives for as long as AWS_QUERYSTRING_EXPIRE says
// whatever happens to the link.
package sharing

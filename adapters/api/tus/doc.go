// Package tus is the door for resumable uploads: tus 1.0.0
// (https://tus.io/protocols/resumable-upload) at /files/, over usecase.Sessions.
//
//	OPTIONS /files/      what this server can do; needs no credentials
//	POST    /files/      creation, creation-with-upload, concatenation
//	HEAD    /files/<id>  how many bytes are durable
//	PATCH   /files/<id>  more bytes at that offset
//	DELETE  /files/<id>  termination
//
// A request passes, in this order: CORS and Tus-Resumable, credentials (the
// browser's session with its X-CSRF-Token, or a bearer token), the version, and
// then the handler, which reads headers strictly, calls the use case, and
// writes headers. X-HTTP-Method-Override was applied by fiberx before all that.
//
// Extensions: creation, creation-with-upload, creation-defer-length,
// expiration, checksum (sha1, sha256), checksum-trailer, termination and
// concatenation. Not concatenation-unfinished: a final is made of whole
// partials and is stored before its POST is answered.
//
// Errors are one plain sentence as text, or problem JSON for who accepts that.
// The status is that of the error's code, but for what tus names itself: 412
// for another version, 460 for a checksum that does not match.
//
// An answer about a complete upload names its file in X-File-Id and, when the
// bytes came in order, what they hash to in X-File-Sha256.
//
// # Metadata
//
// `filename` or `name` names the file, `batch` is the id of a batch,
// `relativePath` (with the file's name, as Uppy sends it) or `path` (without)
// is the folder it lay in, `filetype` or `type` what the client takes it for,
// and `sha256`, 64 hex digits, is compared with the stored bytes. Other keys
// are kept with the file when their values are text. HEAD answers with
// Upload-Metadata as it was sent.
//
// # Trailers
//
// fasthttp reads a chunked body's trailer section when the last chunk was read
// and gives its fields with the request's; so a checksum may follow its bytes.
// Which digest it will be is not known before, so both are computed then.
package tus

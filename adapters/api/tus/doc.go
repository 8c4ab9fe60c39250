// Package tus is the door for resumable uploads at /files/, over
// usecase.Sessions: tus 1.0.0 (https://tus.io/protocols/resumable-upload), and
// its successor at the IETF, "Resumable Uploads for HTTP"
// (draft-ietf-httpbis-resumable-upload).
//
//	OPTIONS /files/      what this server can do; needs no credentials
//	POST    /files/      creation, creation-with-upload, concatenation
//	HEAD    /files/<id>  how many bytes are durable
//	PATCH   /files/<id>  more bytes at that offset
//	DELETE  /files/<id>  termination
//
// and, not of tus, POST /files/bundle: several small creations in one request
// (bundle.go).
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
// # The draft
//
// Files draft_*.go speak the interop versions 3 to 8 on the same uploads; one
// that tus began may go on by the draft and the other way round. Who sends
// Tus-Resumable speaks tus, who sends Upload-Draft-Interop-Version,
// Upload-Complete or application/partial-upload the draft (detect). What
// differs between versions:
//
//	3         Upload-Incomplete instead of Upload-Complete
//	from 5    104 tells the offset at every checkpoint
//	from 6    PATCH has application/partial-upload; Upload-Limit
//	up to 6   what is over is 404; HEAD and DELETE must not have upload headers;
//	          a PATCH that says nothing is the last one
//	from 7    204 for a PATCH with more to come; too many bytes end the upload
//
// Only Upload-Complete: ?1 completes an upload, whatever its length says
// (usecase.AppendInput.Hold), but for an empty one. HEAD ends a writer that is
// still there, so that the offset it tells is one to go on from. The file is
// named by Content-Disposition and typed by Content-Type; Upload-Metadata is
// read too, since clients that come from tus send it. Content-Digest and
// Repr-Digest (RFC 9530) are checked.
//
// 104 goes to clients that name a version, over HTTP/1.1, when the first byte of
// the body is here: fasthttp does not run a handler before. Clients of the
// finished standard name none and hear of no 104, as the drafts demand.
//
// # Trailers
//
// fasthttp reads a chunked body's trailer section when the last chunk was read
// and gives its fields with the request's; so a checksum may follow its bytes.
// Which digest it will be is not known before, so both are computed then.
package tus

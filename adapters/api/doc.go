// Package api is the door for programs: JSON under /api/v1, download links
// under /d, and the paths that other machines watch (/healthz, /readyz,
// /metrics).
//
//	PUT, POST /api/v1/files/:name       one file as the body: curl -T FILE URL/api/v1/files/NAME
//	GET       /api/v1/files/:id         the file as JSON
//	GET       /api/v1/files/:id/content its bytes, with Range
//	POST      /api/v1/batches           a batch, with Idempotency-Key
//	GET       /api/v1/batches/:id
//	POST      /api/v1/batches/:id/finalise
//	GET       /d/:token                 the bytes, for whoever has the link
//
// A handler parses, calls a use case, and writes; each has a file of its own
// named noun_verb.go. Who may do what is decided by the use case. Every error
// is problem JSON (RFC 9457), written by fiberx.
package api

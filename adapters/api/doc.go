// Package api is the door for programs: JSON under /api/v1, download links
// under /d, and the paths that other machines watch (/healthz, /readyz,
// /metrics).
//
//	PUT, POST /api/v1/files/:name         one file as the body: curl -T FILE URL/api/v1/files/NAME
//	GET       /api/v1/files               lists page by cursor (list_query.go, list_page.go)
//	GET       /api/v1/files/:id           the file as JSON; /content, /link, /events beside it
//	DELETE    /api/v1/files/:id
//	POST      /api/v1/files/:id/processed of several that ask at once one gets 200, the others 409
//	POST      /api/v1/files/:id/failed    given back with a reason
//	GET, POST /api/v1/batches             made once under an Idempotency-Key
//	GET       /api/v1/batches/:id         with counts and progress; /files beside it
//	POST      /api/v1/batches/:id/finalise
//	GET, POST /api/v1/files/:id/shares    links for people without an account; of batches too
//	GET       /api/v1/shares              the links one made; /shares/:id, and its log in /accesses
//	DELETE    /api/v1/shares/:id          revoked; the row and the log stay
//	GET, POST /api/v1/sessions            an upload in pieces, made once under an Idempotency-Key
//	GET       /api/v1/sessions/:id        which parts are here, how far the hash is
//	PUT       /api/v1/sessions/:id/parts/:number
//	POST      /api/v1/sessions/:id/complete
//	DELETE    /api/v1/sessions/:id
//	/api/v1/endpoints, /deliveries, /events, /replays: for admins (webhook_routes.go)
//	GET       /api/v1/me                  who asks
//	GET       /api/v1/openapi.json        all of this, for programs
//	GET       /d/:token                   the bytes, for whoever has the link
//
// A handler parses, calls a use case, and writes; each has a file of its own
// named noun_verb.go. Who may do what is decided by the use case. Every error
// is problem JSON (RFC 9457), written by fiberx.
//
// # Description
//
// openapi/*.json are parts of one OpenAPI 3.1 document (openapi.go). A new route
// needs its operation there: a test compares the two lists, and package
// e2e/openapi holds every answer that tests see to the document.
//
// # Rate limit
//
// Every route but those that take a file's bytes goes through limit (limit.go).
// Its buckets live in the process: a web process more lets as much more through,
// and neither the database nor Redis is asked.
package api

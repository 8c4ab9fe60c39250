// Package fiberx is what pages and JSON API share of HTTP: one Fiber app with
// the settings that streaming needs, and around every handler the same steps:
//
//	serve ── request id, security headers, recover, log line, errors to answers
//	  guard ── small bodies read and checked; large ones only for Upload routes
//	    identify ── cookie or bearer to domain.Actor
//	      handler ── parse, call, render, return the error
//	  settle ── what the handler left unread of the body
//
// Handlers return errors; errors.go alone turns them into a status and a body,
// problem JSON (RFC 9457) for programs and a page for people.
//
// # Bodies
//
// The server streams request bodies, so Fiber's own body limit does not count.
// A route that takes large bodies is wrapped in Upload and reads Body or
// OpenForm; every other route gets at most MaxSmallBody bytes, read whole
// before the handler runs, so that c.FormValue and c.BodyParser work as usual.
//
// A handler may answer before it has read the body. Closing the connection
// then would reset it while the client still sends, and the client would not
// see the answer. So the answer is sent first, then a bounded rest of the body
// is read and dropped, then the connection is closed (linger.go). An unread
// body is never parsed as the next request.
//
// # Deadlines
//
// Header and small body have one deadline together (Config.HeaderTimeout),
// which a slow sender cannot stretch. Inside an upload every read has
// Config.IdleTimeout, inside a download every write. An upload that trickles is
// cut off too (body.go, slowest).
package fiberx

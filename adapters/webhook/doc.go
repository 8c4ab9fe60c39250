// Package webhook sends signed requests to endpoints that admins configured,
// and keeps them from reaching what only this machine should reach.
//
// One attempt is one POST:
//
//	look up the name ── connect ── TLS ── write ── wait ── read at most 64 KiB
//	                       │
//	                     Guard: the address that the kernel is about to dial
//
// The guard looks at every address after the lookup and right before the
// connection is made, so neither a name that points inside, nor a name that
// changes its answer (DNS rebinding), nor an odd spelling of an address gets
// past it. Redirects are never followed: a 3xx is an answer like any other and
// names its Location for the admin. Proxies of the environment are ignored, as
// a proxy would make the connection in our place, unguarded.
//
// The status line decides. Once an endpoint has answered 2xx it has taken the
// webhook, even if the body of its answer breaks off, drips or never ends: what
// came of it is kept and marked as truncated. Sending again would only make a
// duplicate.
//
// # Connections
//
// An endpoint with a client certificate has connections of its own (pools.go):
// one that was opened as somebody serves nobody else.
//
// Connections are reused, over HTTP/1.1 and HTTP/2. A server may close an idle
// one just as we write to it. The request is then written to a new connection
// within the same attempt only if nothing of it can have been processed: not a
// byte was written, or the server had hung up before we began, or it refused
// the HTTP/2 stream. In every other case the attempt fails and the schedule
// decides, since the endpoint may have acted on what it read. To make the race
// rare, idle connections are closed after IdleTimeout, which is under the 5
// seconds at which common servers hang up.
package webhook

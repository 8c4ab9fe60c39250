// Package engine moves events from the outbox to the endpoints.
//
//	commit ──bell──▶ relay ──▶ deliveries, leased ──▶ send ──▶ results ──▶ settle
//	                   ▲            ▲                            (batched)
//	             due-poll, 1 s   claim: retries, lapsed leases
//
// The relay claims events that are not relayed, inserts one delivery for each
// endpoint that wants the event, already leased to itself as far as the
// endpoint's limit and the free slots allow, and sends at once: one commit
// between an event and its first byte. What is due later, or was left by a
// process that died, is claimed from the table.
//
// An endpoint that answers well gets up to 100 ms of requests leased ahead
// (line.go), so that a backlog needs few claims. Only the one shift that has
// leases of it may: another finds no room there until that one has fewer leases
// than the endpoint's limit.
//
// A shift (shift.go) is one lease token with its sends in flight. Leases last
// LeaseTTL and are renewed while sending; results are written in batches and
// only under the token, or when nobody has a lease, so a worker that lost its
// lease to another writes nothing. A renewal that fails cancels the request. "Never
// by two workers at once" is therefore as strong as leases are: a process that
// stalls for longer than the lease while its request is on the wire can overlap
// with the next owner.
//
// Order is not promised: receivers sort and deduplicate by `id` and
// `timestamp`.
package engine

// Package webhooks is what admins see of and do with endpoints, their keys,
// deliveries, events and replays. Sending itself is package engine's; a test
// event is sent from here, through the same courier, so that its answer can be
// shown in place.
//
// # Keys
//
// Signing secrets, header values and client certificates are sealed with the
// first key of SECRET_KEY and bound to their row. A rotated secret signs on for
// its overlap, then it is forgotten:
//
//	Rotate ── new one signs ──────────────────────────────►
//	old one signs ──────────── RetiresAt ── gone
//
// Reseal moves everything to a new SECRET_KEY, endpoint by endpoint, each under
// a lock that edits wait for.
package webhooks

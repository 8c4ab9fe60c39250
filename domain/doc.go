// Package domain holds what Doorito is about: files that staff hand in, the
// events that tell of them, and the endpoints that are owed each event.
//
// It knows no database, no HTTP and no clock: time, ids and randomness arrive
// as arguments. Methods that move a thing from one state to another refuse an
// illegal move with a conflict and return the event that the move causes; the
// use case stores both in one transaction.
//
//	File      uploading ── stored ── processed
//	              │           ├───────── failed (by the consumer)
//	              └─ failed   └── deleted (from stored, processed, failed)
//
//	Batch     init ── in_progress ── (sealed) ── complete | partial | failed
//
//	Event     pending ── delivered
//	              └───── failed ── pending (retry)
//
//	Delivery  pending ── delivered | failed | cancelled
//
//	Endpoint  active ── disabled ── active
//
// Every error that leaves this package, and every use case above it, is an
// Error with one of the codes in errors.go.
package domain

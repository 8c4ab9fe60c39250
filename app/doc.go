// Package app holds what the use cases share; the use cases themselves stand
// in the packages below it, grouped by what they are about:
//
//	accounts   signing in, users, tokens
//	files      taking files in, batches, downloads, previews, keeping, deleting
//	sessions   resumable uploads, their parts, quotas
//	archive    a batch as one ZIP
//	sharing    share links, and what strangers get by them
//	stream     read | hash | write, side by side
//	engine     relay and delivery: from the outbox to the endpoints
//	webhooks   endpoints, deliveries and events as admins see them
//	upkeep     periodic work: schedules, cleanup, expiry, retention
//	dashboard  sums for the first page
//	overview   what admins find: any row, and the search over all
//
// They implement the driving interfaces of ports/usecase and reach the world
// through ports alone.
package app

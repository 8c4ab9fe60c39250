// Package worker stands between the core and Asynq over Redis: it puts coarse
// tasks into the queue, runs them, rings the bell that starts work within
// milliseconds, ticks the schedules and shows all of it in the Asynq dashboard.
//
//	commit ─> BackedBell ─┬─ ring ──────> Bell.Listen ─> usecase.Engine     milliseconds
//	                      └─ at most every 10 s ┐
//	SchedulerLoop ─ Tick ──> Tasks.Enqueue ─────┤
//	Backstop ─ Begin (at start) ─> Tasks.Enqueue ┴─> queue ─> Server ─> usecase.Work.Do ─> result
//	                                                  └────> Monitor (dashboard)
//
// # What may be lost
//
// The database is the truth and the queue a doorbell: rings and tasks may be
// lost, and nothing but time is. Ring and Enqueue give up after a second and
// skip Redis for the next one when it does not answer (breaker), so that uploads
// never wait for it.
//
// # Queues
//
//	relay         relay.run                      fan out what the bell may have missed
//	delivery      delivery.run                   send what is due
//	housekeeping  outbox.*, files.*, sessions.*  sweeps, cleanups, retention
//
// A task carries no payload and no id of a row: it means "look what is due". It
// is enqueued Unique and under a fresh id, never under one of ours, since Asynq
// refuses an id while any task of that id is kept, finished ones too. Enqueuing
// what is waiting, or running this moment, is no error and changes nothing.
//
// The lock behind Unique ends with the task. It outlives the task only when a
// task is archived after its last retry or vanishes with a part of Redis; then
// it ends after uniqueFor (a minute). FLUSHALL takes locks and tasks together:
// the next Enqueue works at once, and the next sweep finds what was waiting.
//
// # Redis or embedded
//
// ParseRedis reads REDIS_URL: one server, Sentinel or Cluster. StartEmbedded
// runs a Redis inside the process that is reached through pipes, without a
// port; its clock is moved four times a second and it forgets at exit.
//
// # Errors
//
// A failing task is tried again after 10, 20 and 30 s, then archived with its
// error, except when another try cannot help (codes invalid, not_found,
// forbidden): then it is archived at once. Its next scheduled run is not
// affected. What a task did as a run of a schedule is kept in the database too.
package worker

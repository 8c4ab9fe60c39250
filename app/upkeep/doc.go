// Package upkeep is the periodic work: it repairs what crashes left behind,
// expires and purges files, removes what is past its retention, and keeps the
// schedules.
//
//	Scheduler.Tick ─ one transaction: advance (compare-and-set on the due time), run queued
//	   └─ Tasks.Enqueue, at every tick until somebody takes it ─> queue ─> Upkeep.Do
//	Upkeep.Do ─ claim the waiting runs of the task ─> work, lease renewed ─> end, result noted
//	Scheduler.Tick ─ lease over: the run is lost
//
// Who runs is decided by rows, not by the queue: a task that the queue brings
// twice finds no run the second time.
//
// Every task is safe to run twice and by two workers at once: each step is a
// compare-and-set or an idempotent delete, in batches, so that a task that is
// cut short goes on where it was.
package upkeep

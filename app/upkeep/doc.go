// Package upkeep is the periodic work: it repairs what crashes left behind,
// expires and purges files, removes what is past its retention, and keeps the
// schedules.
//
// Every task is safe to run twice and by two workers at once: each step is a
// compare-and-set or an idempotent delete, in batches, so that a task that is
// cut short goes on where it was.
package upkeep

// Package gormdb keeps everything that Doorito knows in PostgreSQL or SQLite,
// through GORM: one code path for both, with what differs in dialect.go.
//
//	Open ── DB ── InTx(fn) ── Stores bound to one transaction ── commit ── bell
//	         ├─── Reads()  ── Stores outside any transaction, reading only
//	         ├─── Stats()  ── sums for the dashboard
//	         └─── Migrate  ── goose, under a session lock or a file lock
//
// SQLite has one connection that writes and a pool that reads, so writers wait
// in line for the connection instead of for the file's lock. On PostgreSQL
// transactions run under READ COMMITTED with row locks where the ports ask for
// them; a transaction that the database broke off (40001, 40P01, busy) is run
// again from its start.
//
// Rows are private structs beside their repository, with toX and fromX. The
// statements on the way of an event (append, claim, finish, settle) work on
// whole batches: a batch goes in as one relation (relation.go), so the text of
// a statement never depends on how many rows it moves.
//
// # Leases
//
// Leases are rows of a narrow table, delivery_leases: webhook_deliveries, with its
// many indexes, is written when a delivery is made and when its result is. What is
// claimed is locked, skipping rows others hold. What an endpoint has room for is
// counted in the same statement; claims stand in line behind one advisory lock,
// because two that count at once would both see the room. A relay that means to
// lease takes that lock too as soon as it has events, so it keeps the limit as
// well. A result is written by whoever could remove the lease under its token, or
// found that there is none.
//
// # Ways to PostgreSQL and back
//
// Each wakes two processes. A transaction goes through a pipe (pipe.go) that sends
// BEGIN with the first statement, the last ones with the COMMIT, and what a relay
// asks of the endpoints with its claim: two ways for an event, not five. A worker
// opens the engine's connections before it says that it is ready, and has
// PostgreSQL plan their statements (warm.go).
//
// # Foreign keys
//
// Deliveries and attempts have none on PostgreSQL, where each row asked for its
// parents by itself. Who inserts deliveries locks their events and endpoints
// against removal, once for all; who removes an endpoint or events removes their
// deliveries next and attempts last; attempts are inserted by whoever has just
// written their delivery.
package gormdb

// Package world wires the use cases for tests the way the composition root
// does, with a real database (SQLite and PostgreSQL, each test runs on both),
// storage in memory, on disk or in a real S3 server, and a clock that the test
// moves.
package world

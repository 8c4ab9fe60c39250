// Command bench prints the figures of the project beside what the same machine
// can do at most, both measured in the same run, in turns, so that a slower
// minute of the machine slows both sides.
//
//	make bench                       all cases
//	go run ./e2e/bench               the same, with bin/doorito as it is
//	go run ./e2e/bench rss startup   some cases
//	go run ./e2e/bench --json        for programs
//
// It prints; it does not fail when a figure misses its target. The exit code is
// 1 when a case could not be measured and 2 for wrong usage.
//
//	case           measures                                     beside
//	upload-disk    1 GB raw and as a form, hashed and synced    bare pipe, SHA-256 of memory
//	rss            peak memory of the server (VmHWM)            2 GB against 200 MB
//	event-latency  commit of an event → request at a receiver   one commit and one POST
//	startup        start of the program → /readyz               doorito version
//	small-files    1,000 files of 10 KB, 8 at a time            bare files, synced
//	tus-disk       1 GB and 8 × 128 MB by tus PATCH, hashed     tusd, which neither hashes nor syncs
//	tus-small      1,000 files of 10 KB by tus, 8 at a time     tusd, which has no database
//	page-batch     the same dropped on the upload page          100 files/s
//	parts          1 GB in 8 MiB parts on 4 connections         one long PATCH
//	s3             512 MiB through the portal, hashed           the same parts to S3 directly
//	rss-s3         peak memory with 64 uploads at once to S3    UPLOAD_BUFFER_BUDGET
//	drain          a backlog of 5,000 events to 4 endpoints     a loop of signed POSTs
//
// The portals are real processes (e2e/portal) over private services
// (e2e/services, PostgreSQL with fsync on). Clients and receivers live in this
// process and share the processors with the server: clients send from memory
// that was filled before, receivers answer at once.
//
// tusd is built from its module into .cache the first time, and keeps its
// defaults. UPLOAD_SYNC=durable is the portal's, because an offset that is
// reported is a promise; with none it promises what tusd does, and both are
// measured.
//
// Files lie under TMPDIR or, without it, under .cache/bench, which is on the
// disk of the checkout: on a tmpfs a sync would cost nothing, and the run says
// so. Everything is removed at the end, also after an interrupt.
package main

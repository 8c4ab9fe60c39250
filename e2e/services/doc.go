// Package services gives tests and benchmarks real services of their own:
// PostgreSQL, Redis, an S3 server (versitygw over a folder) and Chromium.
// Nothing has to be set up or cleaned up by hand, no fixed port is used, and no
// service outlives the program that started it.
//
// # In a test
//
//	url := services.Postgres(t)            // a fresh, empty database
//	url := services.PostgresFrom(t, "app", migrate) // a copy of a migrated template, in milliseconds
//	red := services.Redis(t)               // a private server: red.URL, red.Stop, red.Start, red.FlushAll
//	s3 := services.S3(t)                   // endpoint, keys and a fresh bucket
//	path := services.Chromium(t)           // the browser's executable
//	ws := services.Browser(t)              // a headless browser of its own: rod.New().ControlURL(ws)
//	dir := services.NodeModules(t)         // axe-core and tus-js-client, as locked in e2e/js
//	st := services.Private(t, services.WantPostgres, services.WantS3) // servers this test may break
//
// Everything a test takes is dropped at its cleanup. Whatever is missing on the
// machine fails the test with the command that installs it (make test-deps);
// nothing is ever skipped.
//
// # Where the services come from
//
//	make test ── e2e/run ── Start(everything) ── exports DOORITO_TEST_* ── go test ./...
//	                                                     │
//	plain go test ── no DOORITO_TEST_* ── Start(what is asked for), once per process
//
// Under make test one PostgreSQL and one S3 server are shared by all packages,
// each test with its own database and bucket; Redis is cheap enough (a few
// milliseconds) to be private to each test.
//
// # How nothing is left behind
//
// A service is started from a locked operating-system thread that lives as long
// as the service, with Pdeathsig set: the kernel ends it when this program dies,
// by kill -9 too. (Pdeathsig fires when the thread that forked dies, hence the
// lock.) The data folder is removed by Stop, or, if the program dies first, by
// a sweeper: a shell that waits for a pipe of ours to close. Linux only.
//
// # In a program
//
//	stack, err := services.Start(ctx, services.WantPostgres, services.WantRedis, services.FsyncOn)
//	defer stack.Stop()
package services

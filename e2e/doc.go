// Package e2e tests the program from outside, as its users and its operators
// meet it: real processes, real PostgreSQL, Redis and S3, a real browser, and
// kill -9 in the middle.
//
//	deploy.go        how a portal is put up: embedded, or web + worker + scheduler
//	pipeline_test    a file handed in becomes a verified webhook
//	faults_test      the crash table of the design, line by line
//	storm_*_test     workers, PostgreSQL and Redis killed while thousands of deliveries are owed
//	manners_test     receivers that hang, drip, pour and reset
//	refused_test     what must not get in
//	routes_test      every route times every role
//	browser_*_test   journeys in Chromium
//	bench/           figures, run by make bench
package e2e

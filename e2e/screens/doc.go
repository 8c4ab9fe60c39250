// Command screens takes the pictures of the README: it starts the portal in a
// temporary folder, lets an office use it for a week, and photographs the main
// pages in headless Chromium.
//
//	go run ./e2e/screens bin/doorito e2e/screens/pictures
//
// Nothing is drawn: files are handed in, receivers answer, fail and go, and the
// portal does the rest. Time is the one trick. Between two rounds of use the
// portal is stopped and every time in its database is moved back (clock.go), so
// that retries fall due and charts fill as they would in a week. Addresses of
// the receivers on this machine are shown under names (camera.go), and pictures
// have at most 160 colours (palette.go), to be small.
package main

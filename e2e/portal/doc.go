// Package portal runs the real program, bin/doorito, from outside: for the
// demo, the benchmarks and the black-box tests.
//
//	bin := portal.Build(t)
//	p := portal.MustStart(t, portal.Options{Bin: bin})   // embedded, in a folder of its own
//	c := p.Admin(t)                                      // a signed-in browser without the browser
//	p.Kill(); p.MustRestart(t)                           // the same folder and address
//
// Everything a test starts ends with the test, and with the test's process.
package portal

// Package cli is the command line (driving). Commands parse, call a use case
// and print: results to standard output, everything else to standard error.
// Exit codes: 0 done, 1 failed, 2 wrong usage or settings. The uploader has a
// package of its own.
package cli

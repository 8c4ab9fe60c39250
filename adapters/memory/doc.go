// Package memory has stateful stand-ins for driven ports, for tests of use
// cases: storage that keeps its blobs in a map, a clock that stands still until
// it is moved, ids that come in a known order, a bell in the process and a list
// of tasks. Each runs the contract suite of its port, where there is one. All
// are safe for use by many goroutines.
package memory

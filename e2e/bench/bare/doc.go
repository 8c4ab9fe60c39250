// Package bare measures what the machine itself can do, for the benchmarks to
// compare the product with: hashing of memory, and a plain program that hashes
// and writes the same bytes, through the page cache, with the same syncing as
// adapters/disk. There is no HTTP, no copying between buffers and no error
// handling worth the name.
package bare

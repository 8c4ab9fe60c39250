package e2e

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"
)

// TestMain lets twice as many of these tests run at once as there are
// processors, unless -parallel says otherwise: they mostly wait for processes,
// disks and time-outs.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.NumCPU())); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

package stream_test

import (
	"fmt"
	"os"
	"testing"

	"doorito/app/stream"
)

// After streams of every end none holds a buffer.
func TestMain(m *testing.M) {
	code := m.Run()
	if n := stream.Held(); n != 0 {
		fmt.Fprintf(os.Stderr, "%d bytes of buffers are held when all streams are over\n", n)
		code = max(code, 1)
	}
	os.Exit(code)
}

package memory_test

import (
	"testing"

	"doorito/adapters/memory"
	"doorito/ports/portstest"
)

// Memory has no least part; see portstest.MiB.
func init() { portstest.MiB = 64 << 10 }

func TestStaging(t *testing.T) {
	t.Parallel()
	portstest.Staging(t, func(*testing.T) portstest.Stage {
		b := memory.NewBlobs(memory.NewClock(start))
		return portstest.Stage{
			Open: func() portstest.StagedBlobs { return b },
			Left: func() []string { return append(b.Keys(), b.Staged()...) },
		}
	})
}

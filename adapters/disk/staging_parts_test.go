package disk_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"doorito/domain"
	"doorito/ports/portstest"
)

// A part that hangs in one process is sent again to another; when the first
// comes to life, it may not write over what counts.
func TestAPartThatHungInAnotherProcessIsFencedOff(t *testing.T) {
	t.Parallel()
	for name, finish := range map[string]bool{"before the end": false, "after it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const size = 1 << 20
			root, key, data := t.TempDir(), "a/parts", portstest.Bytes(2*size)
			first, second := mustNew(t, root), mustNew(t, root)
			note, err := first.Begin(t.Context(), key, int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			body, end := io.Pipe()
			late := make(chan error, 1)
			go func() {
				_, err := first.WritePart(t.Context(), key, note, 1, 0, size, body)
				body.CloseWithError(err)
				late <- err
			}()
			wrong := bytes.Repeat([]byte{0xee}, size)
			if _, err := end.Write(wrong[:size/2+1]); err != nil { // the first half is in the file
				t.Fatal(err)
			}
			for _, n := range []int{1, 2} {
				if _, err := second.WritePart(t.Context(), key, note, n, int64(n-1)*size, size, bytes.NewReader(data[(n-1)*size:n*size])); err != nil {
					t.Fatal(err)
				}
			}
			done := func() {
				t.Helper()
				if err := second.Finish(t.Context(), key, note, int64(len(data)), nil); err != nil {
					t.Fatal(err)
				}
			}
			if finish {
				done()
			}
			_, _ = end.Write(wrong[size/2+1:])
			if err := <-late; !domain.IsCode(err, domain.Conflict) {
				t.Errorf("the late one heard %v", err)
			}
			if !finish {
				done()
			}
			got, err := os.ReadFile(filepath.Join(root, key))
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes differ from the %d that count: %v", len(got), len(data), err)
			}
			if left := files(t, root); len(left) != 1 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

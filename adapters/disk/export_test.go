package disk

import (
	"os"

	"doorito/ports"
)

// SwapFile makes a writer write to another file; the old one is closed.
func SwapFile(w ports.BlobWriter, f *os.File) {
	dw := w.(*writer)
	_ = dw.file.Close()
	dw.file = f
}

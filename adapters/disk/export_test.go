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

// SwapStage is SwapFile for a stage writer.
func SwapStage(w ports.StageWriter, f *os.File) {
	gate := w.(*stageWriter).fence
	_ = gate.file.Close()
	gate.file = f
}

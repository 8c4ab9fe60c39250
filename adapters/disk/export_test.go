package disk

import (
	"io"
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

// SlowDown has before run ahead of whatever a writer, of a blob or a stage, does
// to its file.
func SlowDown(w io.Writer, before func()) {
	var out *outlet
	switch w := w.(type) {
	case *writer:
		out = w.out
	case *stageWriter:
		out = w.out
	}
	do := out.do
	out.do = func(op func(*os.File) error) error {
		before()
		return do(op)
	}
}

// TakeBlocks leaves no block for others until they are given back.
func TakeBlocks() (giveBack func()) {
	var all [][]byte
	for p := memory.take(); p != nil; p = memory.take() {
		all = append(all, p)
	}
	return func() {
		for _, p := range all {
			memory.give(p)
		}
	}
}

// BlocksInUse counts those that writers hold.
func BlocksInUse() int { return int(memory.made.Load()) - len(memory.free) }

// BlockSize in bytes, and how many blocks are tried.
const (
	BlockSize = blockSize
	TryBlocks = tryBlocks
)

//go:build !linux

package disk

import (
	"errors"
	"os"
)

// dataSync makes the bytes and the length of f durable.
func dataSync(f *os.File) error { return f.Sync() }

// startWriteback has no counterpart here; dataSync does it all.
func startWriteback(*os.File, int64, int64) {}

// lockRange has no counterpart here, as tryLock.
func lockRange(*os.File, int64, int64) error { return nil }

func unlockRange(*os.File, int64, int64) error { return nil }

// tryLock has no counterpart here: one process at a time uses the folder.
func tryLock(*os.File, bool) bool { return true }

// lockAlone is false: without locks there are no journals, which need no syncFS.
func lockAlone(*os.File) bool { return false }

func syncFS(*os.File) error { return errors.ErrUnsupported }

func bootID() string { return "" }

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

// What follows is for journals, of which there are none here.

func canSyncFS(string) bool { return false }

func syncFS(*os.File) error { return errors.ErrUnsupported }

func identify(*os.File) identity { return identity{} }

func sameOwner(*os.File, *os.File) error { return nil }

func lockAlone(*os.File) bool { return false }

func lockFolder(string, bool) (func(), error) { return nil, errors.ErrUnsupported }

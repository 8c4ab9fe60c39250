package disk

import (
	"bytes"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// syncFileRangeWrite is SYNC_FILE_RANGE_WRITE of sync_file_range(2).
const syncFileRangeWrite = 2

// dataSync makes the bytes and the length of f durable, but not its times.
func dataSync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err != syscall.EINTR {
			return err
		}
	}
}

// syncFS makes durable all of the file system that f is on.
func syncFS(f *os.File) error {
	for {
		err := unix.Syncfs(int(f.Fd()))
		if err != unix.EINTR {
			return err
		}
	}
}

// bootID tells one run of the machine from another; "" when it is not known.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(id))
}

// startWriteback asks the kernel to begin writing a range to the disk without
// waiting for it. It promises nothing, so its error is nothing to act on:
// dataSync finds whatever is wrong.
func startWriteback(f *os.File, offset, n int64) {
	_ = syscall.SyncFileRange(int(f.Fd()), offset, n, syncFileRangeWrite)
}

// tryLock locks f for all processes until it is closed; shared locks get along
// with each other. It does not wait: false says that somebody else has it. A
// file system without locks is one that a single process uses.
func tryLock(f *os.File, shared bool) bool {
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	return flock(f, how) != syscall.EWOULDBLOCK
}

// lockAlone is tryLock that is false too where there are no locks.
func lockAlone(f *os.File) bool { return flock(f, syscall.LOCK_EX) == nil }

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if err != syscall.EINTR {
			return err
		}
	}
}

// lockRange locks some bytes of f for this open file alone, and waits for it.
// Where there are no such locks one process uses the folder.
func lockRange(f *os.File, offset, n int64) error { return rangeLock(f, unix.F_WRLCK, offset, n) }

func unlockRange(f *os.File, offset, n int64) error { return rangeLock(f, unix.F_UNLCK, offset, n) }

func rangeLock(f *os.File, kind int16, offset, n int64) error {
	for {
		err := unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLKW, &unix.Flock_t{Type: kind, Whence: io.SeekStart, Start: offset, Len: n})
		switch err {
		case unix.EINTR:
			continue
		case unix.EINVAL, unix.ENOLCK, unix.ENOSYS:
			return nil
		}
		return err
	}
}

package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

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

// canSyncFS tells whether syncFS can be trusted: that it reaches a disk is known
// of these file systems, and that it tells of all errors since Linux 5.17.
func canSyncFS(dir string) bool {
	var name unix.Utsname
	var fs unix.Statfs_t
	if unix.Uname(&name) != nil || unix.Statfs(dir, &fs) != nil {
		return false
	}
	switch int64(fs.Type) {
	case unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC, unix.TMPFS_MAGIC:
	default:
		return false
	}
	var major, minor int
	n, _ := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor)
	return n == 2 && (major > 5 || major == 5 && minor >= 17)
}

func identify(f *os.File) identity {
	var st unix.Statx_t
	const want = unix.STATX_INO | unix.STATX_BTIME
	if unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, want, &st) != nil || st.Mask&want != want {
		return identity{}
	}
	return identity{
		device: uint64(st.Dev_major)<<32 | uint64(st.Dev_minor), inode: st.Ino,
		born: uint64(st.Btime.Sec)*1e9 + uint64(st.Btime.Nsec),
	}
}

// sameOwner gives f to whom other belongs, if that is somebody else.
func sameOwner(f, other *os.File) error {
	var is, want unix.Stat_t
	if err := errors.Join(unix.Fstat(int(f.Fd()), &is), unix.Fstat(int(other.Fd()), &want)); err != nil {
		return err
	}
	if is.Uid == want.Uid && is.Gid == want.Gid {
		return nil
	}
	return f.Chown(int(want.Uid), int(want.Gid))
}

// lockFolder locks a folder, or is errBusy; wait has it try for a while.
func lockFolder(dir string, wait bool) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for began := time.Now(); ; time.Sleep(folderEvery) {
		switch err := flock(d, syscall.LOCK_EX); {
		case err == nil:
			return func() { d.Close() }, nil
		case err != syscall.EWOULDBLOCK:
			d.Close()
			return nil, err
		case !wait || time.Since(began) > folderWait:
			d.Close()
			return nil, errBusy
		}
	}
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

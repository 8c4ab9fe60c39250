package disk

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is a new block that the kernel is asked to make of a single page.
func hugePage() ([]byte, error) {
	m, err := unix.Mmap(-1, 0, 2*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	at := blockSize - int(uintptr(unsafe.Pointer(&m[0]))%blockSize)
	page := m[at : at+blockSize]
	_ = unix.Madvise(page, unix.MADV_HUGEPAGE) // small ones do, more slowly
	return page, nil
}

// setDirect has f written past the page cache, or through it again.
func setDirect(f *os.File, on bool) error {
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err != nil {
		return err
	}
	flags &^= unix.O_DIRECT
	if on {
		flags |= unix.O_DIRECT
	}
	_, err = unix.FcntlInt(f.Fd(), unix.F_SETFL, flags)
	return err
}

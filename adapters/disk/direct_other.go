//go:build !linux

package disk

import (
	"errors"
	"os"
)

// hugePage has no counterpart here: all is written through the page cache.
func hugePage() ([]byte, error) { return nil, errors.ErrUnsupported }

func setDirect(*os.File, bool) error { return errors.ErrUnsupported }

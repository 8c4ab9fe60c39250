package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"doorito/ports"
)

// Tenures are files of a folder, each locked by the process that holds it. The
// system takes the lock away with the process, however that ends (flock(2)).
type Tenures struct{ dir string }

var _ ports.Tenures = Tenures{}

// NewTenures keeps its files in dir, which it makes when it is missing. All
// processes of a machine that are to know of each other name the same one.
func NewTenures(dir string) Tenures { return Tenures{dir} }

// Begin implements ports.Tenures.
func (t Tenures) Begin(id uuid.UUID) (end func(), err error) {
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of tenures: %w", err)
	}
	path := t.path(id)
	for range claimTries {
		f, err := os.OpenFile(path, os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("begin a tenure: %w", err)
		}
		if !tryLock(f, false) || !isStill(f, path) {
			f.Close()
			continue
		}
		// Its name goes before its lock, so that nobody finds it unheld.
		end := func() { _, _ = os.Remove(path), f.Close() }
		if !t.isHeld(path) {
			end()
			return nil, errors.New("begin a tenure: the file system has no locks")
		}
		return end, nil
	}
	return nil, fmt.Errorf("begin a tenure: %s is held", id)
}

// isHeld tells whether somebody has the lock of a file.
func (t Tenures) isHeld(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return !tryLock(f, false)
}

// Inherit implements ports.Tenures.
func (t Tenures) Inherit(take func(id uuid.UUID) error) error {
	entries, err := os.ReadDir(t.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("list tenures: %w", err)
	}
	var failed []error
	for _, e := range entries {
		if id, err := uuid.Parse(e.Name()); err == nil {
			failed = append(failed, t.inherit(id, take))
		}
	}
	return errors.Join(failed...)
}

// inherit holds the lock meanwhile: nobody else takes what is taken here, and
// one that is only beginning waits.
func (t Tenures) inherit(id uuid.UUID, take func(id uuid.UUID) error) error {
	path := t.path(id)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // ended in order meanwhile
	}
	if err != nil {
		return fmt.Errorf("inherit a tenure: %w", err)
	}
	defer f.Close()
	if !tryLock(f, false) || !isStill(f, path) {
		return nil
	}
	if err := take(id); err != nil {
		return err
	}
	return os.Remove(path)
}

func (t Tenures) path(id uuid.UUID) string { return filepath.Join(t.dir, id.String()) }

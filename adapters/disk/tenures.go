package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/ports"
)

// Tenures are files of a folder, each locked by the process that holds it. The
// system takes the lock away with the process, however that ends (flock(2)).
type Tenures struct {
	dir string

	mu   sync.Mutex
	held map[uuid.UUID]*os.File // by this process
}

var _ ports.Tenures = (*Tenures)(nil)

// NewTenures keeps its files in dir, which it makes when it is missing. All
// processes of a machine that are to know of each other name the same one.
func NewTenures(dir string) *Tenures {
	return &Tenures{dir: dir, held: make(map[uuid.UUID]*os.File)}
}

// begun is in a file whose holder has locked it. An empty one is being made.
const begun = "held\n"

// birth is how long a file may be empty; after that its maker died over it.
const birth = time.Minute

// Begin implements ports.Tenures.
func (t *Tenures) Begin(id uuid.UUID) (end func(), err error) {
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of tenures: %w", err)
	}
	f, err := os.OpenFile(t.path(id), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("begin a tenure: %w", err)
	}
	for !tryLock(f, false) { // somebody looks whether it is held
		time.Sleep(time.Millisecond)
	}
	if err = checkLock(f); err == nil {
		_, err = f.WriteString(begun)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("begin a tenure: %w", err), os.Remove(f.Name()), f.Close())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held[id] = f
	return func() { t.end(id) }, nil
}

// checkLock makes sure that the lock of f means something on its file system.
func checkLock(f *os.File) error {
	again, err := os.Open(f.Name())
	if err != nil {
		return err
	}
	defer func() { _ = again.Close() }()
	if tryLock(again, false) {
		return errors.New("the file system has no locks")
	}
	return nil
}

// end removes the file before its lock goes, so that nobody finds it unheld.
func (t *Tenures) end(id uuid.UUID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.held[id]; f != nil {
		_ = os.Remove(f.Name())
		_ = f.Close()
		delete(t.held, id)
	}
}

// Ended implements ports.Tenures.
func (t *Tenures) Ended() ([]uuid.UUID, error) {
	entries, err := os.ReadDir(t.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list tenures: %w", err)
	}
	var ended []uuid.UUID
	for _, e := range entries {
		id, err := uuid.Parse(e.Name())
		if err == nil && t.hasEnded(id) {
			ended = append(ended, id)
		}
	}
	return ended, nil
}

func (t *Tenures) hasEnded(id uuid.UUID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held[id] != nil {
		return false
	}
	f, err := os.Open(t.path(id))
	if err != nil {
		return false // ended in order meanwhile
	}
	defer func() { _ = f.Close() }()
	if !tryLock(f, false) {
		return false
	}
	info, err := f.Stat()
	return err == nil && (info.Size() > 0 || time.Since(info.ModTime()) > birth)
}

// Forget implements ports.Tenures.
func (t *Tenures) Forget(id uuid.UUID) error {
	if err := os.Remove(t.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget a tenure: %w", err)
	}
	return nil
}

func (t *Tenures) path(id uuid.UUID) string { return filepath.Join(t.dir, id.String()) }

package upload

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// item is one file to send.
type item struct {
	shown    string // the path as it is told: the argument and what is below it
	at       int    // place in the order of the walk
	abs      string
	folder   string // where it lay, from the argument's own name on; "" for a file that was named itself
	name     string
	size     int64
	modified time.Time
}

// unsent is a file that could not be sent, and why.
type unsent struct {
	path   string
	reason string
}

// walker gathers files.
type walker struct {
	hidden  bool // take what begins with a dot
	links   bool // follow symbolic links inside folders
	items   []*item
	failed  []unsent
	skipped int // links and what is no file
	seen    map[string]bool
}

// NoSuchFileError is an argument that is not there: a wrong call.
type NoSuchFileError struct{ Path string }

func (e *NoSuchFileError) Error() string {
	return fmt.Sprintf("there is no file or folder %q", e.Path)
}

// walk gathers what the arguments name, in their order, each file once. An
// argument is followed where it is a link.
func (w *walker) walk(args []string) error {
	w.seen = map[string]bool{}
	for _, arg := range args {
		abs, err := filepath.Abs(arg)
		if err != nil {
			return err
		}
		info, err := os.Stat(abs)
		switch {
		case os.IsNotExist(err):
			return &NoSuchFileError{arg}
		case err != nil:
			w.fail(arg, err)
		case info.IsDir():
			base := strings.Trim(filepath.ToSlash(filepath.Base(abs)), "/")
			w.enter(filepath.Clean(arg), abs, base, []fs.FileInfo{info})
		case info.Mode().IsRegular():
			w.add(filepath.Clean(arg), abs, "", info)
		default:
			w.fail(arg, fmt.Errorf("it is neither a file nor a folder"))
		}
	}
	return nil
}

func (w *walker) fail(shown string, err error) {
	w.failed = append(w.failed, unsent{shown, plain(err)})
}

func (w *walker) add(shown, abs, folder string, info fs.FileInfo) {
	if w.seen[abs] {
		return
	}
	w.seen[abs] = true
	w.items = append(w.items, &item{shown: shown, abs: abs, folder: folder, name: filepath.Base(abs), size: info.Size(), modified: info.ModTime()})
}

// enter walks a folder; above are the folders around it, to see a link that
// leads into one of them.
func (w *walker) enter(shown, abs, folder string, above []fs.FileInfo) {
	entries, err := os.ReadDir(abs)
	if err != nil {
		w.fail(shown, err)
	}
	for _, e := range entries {
		if !w.hidden && strings.HasPrefix(e.Name(), ".") {
			continue
		}
		w.entry(filepath.Join(shown, e.Name()), filepath.Join(abs, e.Name()), folder, e, above)
	}
}

func (w *walker) entry(shown, abs, folder string, e fs.DirEntry, above []fs.FileInfo) {
	link := e.Type()&fs.ModeSymlink != 0
	if link && !w.links {
		w.skipped++
		return
	}
	info, err := os.Stat(abs)
	switch {
	case err != nil:
		w.fail(shown, err)
	case info.Mode().IsRegular():
		w.add(shown, abs, folder, info)
	case !info.IsDir():
		w.skipped++
	case link && within(info, above):
		w.fail(shown, fmt.Errorf("the link leads to a folder around it"))
	default:
		w.enter(shown, abs, path.Join(folder, e.Name()), append(above[:len(above):len(above)], info))
	}
}

func within(info fs.FileInfo, above []fs.FileInfo) bool {
	for _, a := range above {
		if os.SameFile(a, info) {
			return true
		}
	}
	return false
}

// labelOf names a batch after what it is made of.
func labelOf(args []string) string {
	abs, err := filepath.Abs(args[0])
	if err != nil {
		abs = args[0]
	}
	first := cmp.Or(strings.Trim(filepath.ToSlash(filepath.Base(abs)), "/"), "files")
	label := []rune(strings.ToValidUTF8(printable(first), "?"))
	if len(label) > 150 {
		label = append(label[:150], '…')
	}
	if len(args) == 1 {
		return string(label)
	}
	return fmt.Sprintf("%s and %d more", string(label), len(args)-1)
}

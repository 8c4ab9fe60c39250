package archive

import (
	"hash/maphash"
	"path"
	"strconv"
	"strings"
	"unicode"

	"doorito/domain"
)

// names gives every entry a name of its own that is safe to unpack: relative,
// without `..`, without what some system cannot write, and different from all
// before it where case does not count. It remembers hashes alone; two that are
// the same by accident cost a number in a name, nothing else.
type names struct {
	seed maphash.Seed
	seen map[uint64]taken
}

// taken is a name that is in use.
type taken struct {
	folder bool
	next   uint32 // the number to try next beside it
}

func newNames(seed maphash.Seed) *names {
	return &names{seed: seed, seen: map[uint64]taken{}}
}

// take returns the name of a file's entry: the folder that it was sent from,
// and its own name.
func (n *names) take(folder, file string) string {
	dir := ""
	for seg := range strings.SplitSeq(domain.CleanFolder(folder), "/") {
		if seg = safeSegment(seg); seg != "" {
			dir = n.claim(dir, seg, true)
		}
	}
	if file = safeSegment(file); file == "" {
		file = "file"
	}
	return n.claim(dir, file, false)
}

// claim takes a name in dir; a file never has the name of another file or of a
// folder.
func (n *names) claim(dir, name string, folder bool) string {
	whole := path.Join(dir, name)
	first := n.key(whole)
	was, used := n.seen[first]
	switch {
	case !used:
		n.seen[first] = taken{folder: folder, next: 2}
		return whole
	case folder && was.folder:
		return whole
	}
	for i := was.next; ; i++ {
		other := path.Join(dir, numbered(name, i))
		key := n.key(other)
		if got, used := n.seen[key]; used && !(folder && got.folder) {
			continue
		}
		n.seen[key] = taken{folder: folder, next: 2}
		if !folder {
			was.next = i + 1
			n.seen[first] = was
		}
		return other
	}
}

func (n *names) key(name string) uint64 { return maphash.String(n.seed, strings.ToLower(name)) }

// numbered is "report (2).pdf".
func numbered(name string, i uint32) string {
	ext := path.Ext(name)
	if ext == name {
		ext = "" // .profile
	}
	return strings.TrimSuffix(name, ext) + " (" + strconv.FormatUint(uint64(i), 10) + ")" + ext
}

// safeSegment makes one segment of a path that Windows can write too: without
// separators, drive letters, controls, dots or spaces at its end, and no device.
// It is empty when nothing is left.
func safeSegment(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == unicode.ReplacementChar || unicode.IsControl(r) || strings.ContainsRune(`/\<>:"|?*`, r):
			return '_'
		}
		return r
	}, strings.ToValidUTF8(s, "_"))
	s = strings.TrimRight(strings.TrimSpace(s), ". ")
	if s == "" {
		return ""
	}
	stem, _, _ := strings.Cut(strings.ToUpper(s), ".")
	if isDevice(strings.TrimSpace(stem)) {
		s = "_" + s
	}
	return s
}

// isDevice tells names that Windows keeps for devices.
func isDevice(stem string) bool {
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9'
}

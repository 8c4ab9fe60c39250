package upload

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func mustWrite(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tree makes a folder with all that may be in one.
func tree(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "in")
	for _, p := range []string{"a.txt", "sub/b.txt", "sub/deep/c.txt", ".hidden", ".git/config"} {
		mustWrite(t, filepath.Join(dir, p), p)
	}
	outside := filepath.Join(t.TempDir(), "outside.txt")
	mustWrite(t, outside, "outside")
	for link, to := range map[string]string{"link.txt": outside, "sub/loop": dir, "sub/gone": filepath.Join(dir, "nothing"), "sub/other": filepath.Join(dir, "sub", "deep")} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAWalkFindsEveryFileOnceAndKeepsWhereItLay(t *testing.T) {
	t.Parallel()
	dir := tree(t)
	for name, tc := range map[string]struct {
		w       walker
		want    []string // folder:name
		failed  []string
		skipped int
	}{
		"as it is":          {walker{hidden: true}, []string{"in/.git:config", "in:.hidden", "in:a.txt", "in/sub:b.txt", "in/sub/deep:c.txt"}, nil, 4},
		"without hidden":    {walker{}, []string{"in:a.txt", "in/sub:b.txt", "in/sub/deep:c.txt"}, nil, 4},
		"links are entered": {walker{links: true}, []string{"in:a.txt", "in:link.txt", "in/sub:b.txt", "in/sub/deep:c.txt", "in/sub/other:c.txt"}, []string{"in/sub/gone: cannot find it", "in/sub/loop: the link leads"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := tc.w
			if err := w.walk([]string{dir, filepath.Join(dir, "a.txt"), dir + "/"}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, it := range w.items {
				got = append(got, it.folder+":"+it.name)
				if it.size == 0 || it.modified.IsZero() || !filepath.IsAbs(it.abs) {
					t.Errorf("%+v", it)
				}
			}
			if !slices.Equal(got, tc.want) || w.skipped != 2*tc.skipped { // two arguments name the folder
				t.Errorf("found %q, left out %d", got, w.skipped)
			}
			for _, want := range tc.failed {
				folder, reason, _ := strings.Cut(want, ": ")
				if !slices.ContainsFunc(w.failed, func(f unsent) bool {
					return strings.HasSuffix(f.path, folder) && strings.HasPrefix(f.reason, reason)
				}) {
					t.Errorf("%q is not among %+v", want, w.failed)
				}
			}
		})
	}
}

func TestAWalkRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	var none *NoSuchFileError
	if err := (&walker{}).walk([]string{tree(t), "no/such/file"}); !errors.As(err, &none) || none.Path != "no/such/file" {
		t.Error(err)
	}
}

func TestAKeyIsTheSameForTheSameFileAndAnotherForAnyOther(t *testing.T) {
	t.Parallel()
	now := time.Now()
	one := item{abs: "/in/a", folder: "in", name: "a", size: 1, modified: now}
	same := one
	if fileKey("host x", "b", &one, 0) != fileKey("host x", "b", &same, 0) {
		t.Error("the same file has two keys")
	}
	seen := map[string]bool{fileKey("host x", "b", &one, 0): true}
	for i, change := range []func(it *item) string{
		func(*item) string { return fileKey("host y", "b", &one, 0) },
		func(*item) string { return fileKey("host x", "c", &one, 0) },
		func(*item) string { return fileKey("host x", "b", &one, 1) },
		func(it *item) string { it.abs = "/in/b"; return fileKey("host x", "b", it, 0) },
		func(it *item) string { it.folder, it.name = "i", "na"; return fileKey("host x", "b", it, 0) },
		func(it *item) string { it.size = 2; return fileKey("host x", "b", it, 0) },
		func(it *item) string { it.modified = now.Add(1); return fileKey("host x", "b", it, 0) },
		func(*item) string { return batchKey("host x", "b", []string{"/in"}, 0) },
		func(*item) string { return batchKey("host x", "b", []string{"/in", "/out"}, 0) },
		func(*item) string { return batchKey("host x", "c", []string{"/in"}, 0) },
	} {
		it := one
		key := change(&it)
		if seen[key] || len(key) > 255 {
			t.Errorf("change %d: %s", i, key)
		}
		seen[key] = true
	}
}

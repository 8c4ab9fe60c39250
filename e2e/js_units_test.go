package e2e

import (
	"os/exec"
	"path/filepath"
	"testing"

	"doorito/e2e/services"
)

// TestScriptsOfThePages runs the pages' own unit tests, which need no browser.
func TestScriptsOfThePages(t *testing.T) {
	t.Parallel()
	root, err := services.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, pattern := range []string{"*.test.js", "*/*.test.js"} {
		found, err := filepath.Glob(filepath.Join(root, "static", "_src", "js", pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 2 {
		t.Fatalf("found %v", files)
	}
	out, err := exec.CommandContext(t.Context(), "node", append([]string{"--test"}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

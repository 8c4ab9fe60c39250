package e2e

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// terminal opens a pseudo terminal of so many columns: the end for a program,
// and what it shows.
func terminal(t *testing.T, columns uint16) (program *os.File, screen *output) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { user.Close() })
	if err := unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	if err := unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	screen = &output{}
	go func() { _, _ = io.Copy(screen, user) }()
	return program, screen
}

// output may be read while it is written.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var escapes = regexp.MustCompile("\x1b\\[[0-9]*[A-Z]")

func TestProgressIsPaintedOnATerminalOfAnyWidth(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	token := p.Token(t, "upload,read")
	name := strings.Repeat("a long name ", 15) + ".bin"
	for columns, want := range map[uint16][]string{
		100: {"in/a long name a long name", "░", "of 2 files", " of 21.0 MB", "/s"},
		30:  {"in/a long name", "…", " %", "of 2 files"},
	} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			t.Parallel()
			dir := fileTree(t, map[string][]byte{name: seeded(byte(columns), 20<<20), "z.txt": []byte("z")})
			g := newGate(t, p.URL, 1)
			program, screen := terminal(t, columns)
			u := newUpload(t, g.URL, token, "--parallel", "1", "in")
			u.Dir, u.Cmd.Stderr = filepath.Dir(dir), program
			if err := u.Start(); err != nil {
				t.Fatal(err)
			}
			world.Eventually(t, "progress is shown", func() bool {
				for _, w := range want {
					if !strings.Contains(screen.String(), w) {
						return false
					}
				}
				return true
			})
			g.open(false)
			if code := u.end(); code != 0 {
				t.Fatalf("code %d: %s", code, screen)
			}
			world.Eventually(t, "the summary is shown", func() bool { return strings.Contains(screen.String(), "2 files sent: 21.0 MB in ") })
			painted, _, _ := strings.Cut(escapes.ReplaceAllString(screen.String(), ""), "2 files sent")
			for line := range strings.SplitSeq(painted, "\n") {
				if n := len([]rune(strings.Trim(line, "\r"))); n >= int(columns) {
					t.Errorf("%d columns: %q", n, line)
				}
			}
		})
	}
}

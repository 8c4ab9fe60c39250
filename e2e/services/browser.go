package services

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Browser starts a headless Chromium with a profile of its own and returns its
// DevTools address (ws://127.0.0.1:…), ready to connect to. It ends, with all
// its processes, at the test's cleanup or with this program.
func Browser(tb testing.TB) string {
	tb.Helper()
	address, stop, err := StartBrowser(Chromium(tb), testDir(tb, "web"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(stop)
	return address
}

// chromiumSocket is where Chromium listens below its TMPDIR, and maxSocketPath
// how long a socket's path may be (unix(7), without the end).
const (
	chromiumSocket = "/org.chromium.Chromium.XXXXXX/SingletonSocket"
	maxSocketPath  = 107
)

// StartBrowser is Browser for programs: path is Chromium, profile a folder that
// is not there yet.
func StartBrowser(path, profile string) (address string, stop func(), err error) {
	if err := os.Mkdir(profile, 0o700); err != nil {
		return "", nil, err
	}
	temp := profile
	if len(temp)+len(chromiumSocket) > maxSocketPath {
		if temp, err = os.MkdirTemp("/tmp", "web-"); err != nil {
			return "", nil, err
		}
	}
	args := []string{"--headless=new", "--remote-debugging-port=0", "--user-data-dir=" + profile,
		"--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-extensions", "--disable-dev-shm-usage", "--disable-breakpad",
		"--disable-background-timer-throttling", "--disable-renderer-backgrounding",
		"--no-first-run", "--no-default-browser-check", "--no-proxy-server", "--mute-audio",
		"--password-store=basic", "--window-size=1280,900", "about:blank"}
	if os.Geteuid() == 0 {
		// Chromium's sandbox refuses root; it opens nothing but our own pages.
		args = append([]string{"--no-sandbox"}, args...)
	}
	proc, err := start(spec{name: "Chromium", path: path, args: args, logPath: profile + ".log", onDeath: syscall.SIGKILL,
		env: []string{"HOME=" + profile, "XDG_CONFIG_HOME=" + profile, "XDG_CACHE_HOME=" + profile, "TMPDIR=" + temp}})
	if err != nil {
		_ = os.RemoveAll(temp)
		return "", nil, err
	}
	stop = func() {
		// The whole group: Debian's chromium is a shell script around the program.
		_ = syscall.Kill(-proc.cmd.Process.Pid, syscall.SIGKILL)
		<-proc.ended
		if temp != profile {
			_ = os.RemoveAll(temp)
		}
	}
	err = proc.waitReady(func() error {
		text, err := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		if err != nil {
			return err
		}
		port, ws, ok := strings.Cut(strings.TrimSpace(string(text)), "\n")
		if !ok || ws == "" {
			return errors.New("DevToolsActivePort is not complete yet")
		}
		address = "ws://127.0.0.1:" + port + ws
		return nil
	})
	if err != nil {
		stop()
		return "", nil, err
	}
	return address, stop, nil
}

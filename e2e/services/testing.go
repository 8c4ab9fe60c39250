package services

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRedis is a Redis that one test has to itself and may break as it likes. A
// step that does not work fails the test.
type TestRedis struct {
	URL string

	tb     testing.TB
	server *RedisServer
}

// Redis starts a Redis for this test alone; it ends at the test's cleanup.
func Redis(tb testing.TB) *TestRedis {
	tb.Helper()
	server, err := startRedis(testDir(tb, "redis"), false)
	if server != nil {
		tb.Cleanup(func() {
			if server.proc != nil {
				server.Kill()
			}
		})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return &TestRedis{URL: server.URL, tb: tb, server: server}
}

// Stop ends Redis; what it held is gone.
func (r *TestRedis) Stop() { r.server.Stop() }

// Start starts a stopped Redis again, empty and on the same URL.
func (r *TestRedis) Start() {
	r.tb.Helper()
	if err := r.server.Start(); err != nil {
		r.tb.Fatal(err)
	}
}

// FlushAll empties Redis while clients stay connected.
func (r *TestRedis) FlushAll() {
	r.tb.Helper()
	if err := r.server.FlushAll(); err != nil {
		r.tb.Fatal(err)
	}
}

// TestS3 is a bucket on the shared S3 server, addressed path-style.
type TestS3 struct {
	Endpoint  string
	Region    string
	AccessKey string
	SecretKey string
	Bucket    string
}

// S3 makes a fresh bucket; it goes, with all objects, at the test's cleanup.
func S3(tb testing.TB) TestS3 {
	tb.Helper()
	server, err := sharedS3()
	if err != nil {
		tb.Fatal(err)
	}
	bucket := "test-" + strings.ToLower(rand.Text()[:20])
	if err := makeBucket(server.dir, bucket); err != nil {
		tb.Fatalf("make a bucket: %v", err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(filepath.Join(server.dir, bucket)); err != nil {
			tb.Errorf("remove the bucket: %v", err)
		}
	})
	return TestS3{Endpoint: server.Endpoint, Region: server.Region, AccessKey: server.AccessKey,
		SecretKey: server.SecretKey, Bucket: bucket}
}

// Private starts services for this test alone, for tests that stop or kill them.
func Private(tb testing.TB, want ...Want) *Stack {
	tb.Helper()
	stack, err := Start(tb.Context(), want...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := stack.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return stack
}

// Chromium returns the path of the browser.
func Chromium(tb testing.TB) string {
	tb.Helper()
	path, err := FindChromium()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// Node returns the path of the node program.
func Node(tb testing.TB) string {
	tb.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		tb.Fatal(missing("Node.js"))
	}
	return path
}

// NodeModules returns the folder that holds axe-core and tus-js-client.
func NodeModules(tb testing.TB) string {
	tb.Helper()
	root, err := RepoRoot()
	if err != nil {
		tb.Fatal(err)
	}
	dir := filepath.Join(root, "e2e", "js", "node_modules")
	if _, err := os.Stat(filepath.Join(dir, "axe-core", "axe.min.js")); err != nil {
		tb.Fatal(missing("the test page scanner (axe-core, in e2e/js)"))
	}
	return dir
}

// testDir names a folder, not made yet, that is removed with the test.
func testDir(tb testing.TB, stem string) string {
	tb.Helper()
	shared, err := sharedDir()
	if err != nil {
		tb.Fatal(err)
	}
	dir := shared.join(fmt.Sprintf("%s-%s", stem, strings.ToLower(rand.Text()[:8])))
	tb.Cleanup(func() {
		_ = os.RemoveAll(dir)
		_ = os.Remove(dir + ".log")
	})
	return dir
}

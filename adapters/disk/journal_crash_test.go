package disk_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"doorito/adapters/disk"
)

const putterRoot = "DOORITO_TEST_PUTTER"

// TestMain also is the process that TestCrash… kills.
func TestMain(m *testing.M) {
	if root := os.Getenv(putterRoot); root != "" {
		putForEver(root)
	}
	os.Exit(m.Run())
}

// putForEver puts blobs, several at once, and says which are there.
func putForEver(root string) {
	b, err := disk.New(root)
	if err != nil {
		panic(err)
	}
	disk.StartJournals(b, 256<<10, 20*time.Millisecond)
	numbers := make(chan int)
	for range 8 {
		go func() {
			for i := range numbers {
				if err := b.Put(context.Background(), keyOf(i), bytesOf(i)); err != nil {
					panic(err)
				}
				fmt.Println(i) // one write
			}
		}()
	}
	for i := 0; ; i++ {
		numbers <- i % 100_000
	}
}

// A process is killed while it stores small blobs, and then the machine stops
// before the kernel has written their files: all that it said are there are.
func TestCrashSmallBlobsThatWereToldAreThere(t *testing.T) {
	t.Parallel()
	inJournals := 0
	for range 3 {
		root := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env, cmd.Stderr = append(os.Environ(), putterRoot+"="+root), os.Stderr
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		told, until := []int{}, 100+rand.IntN(900)
		for lines.Scan() {
			var i int
			if _, err := fmt.Sscan(lines.Text(), &i); err != nil {
				break // cut off
			}
			if told = append(told, i); len(told) == until {
				must(t, cmd.Process.Kill())
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		keys := records(t, journalFiles(t, root)...)
		for _, key := range keys {
			must(t, os.Remove(filepath.Join(root, key)))
		}
		inJournals += len(keys)
		b := mustNew(t, root)
		for _, i := range told {
			mustHave(t, b, keyOf(i), bytesOf(i))
		}
		if len(told) < until {
			t.Errorf("it ended after %d of %d", len(told), until)
		}
		t.Logf("%d blobs, %d of them in journals", len(told), len(keys))
	}
	if inJournals == 0 {
		t.Error("no journal had a record")
	}
}

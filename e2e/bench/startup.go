package main

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"time"

	"doorito/e2e/portal"
)

const (
	startups    = 10
	startupRows = 500
)

// startup starts the program ten times on a database with rows in it.
func startup(ctx context.Context, b *bench, t *table) error {
	dir, err := b.folder("startup")
	if err != nil {
		return err
	}
	if err := fill(ctx, b, dir, startupRows); err != nil {
		return err
	}
	var ready, bare []float64
	for range startups {
		v := time.Now()
		if err := exec.CommandContext(ctx, b.bin, "version").Run(); err != nil {
			return fmt.Errorf("doorito version: %w", err)
		}
		bare = append(bare, millis(time.Since(v)))
		took, err := b.readyAfter(ctx, dir)
		if err != nil {
			return err
		}
		ready = append(ready, millis(took))
	}
	t.add("start → /readyz", median(ready), "ms").against("doorito version", median(bare), 0).wantAtMost(1000)
	t.add("slowest of them", percentile(ready, 100), "ms")
	t.note("medians of %d starts in turns, on a database with %d files and their events.", startups, startupRows)
	return nil
}

// fill leaves a folder with n files handed in.
func fill(ctx context.Context, b *bench, dir string, n int) error {
	p, err := b.start(ctx, dir, "serve")
	if err != nil {
		return err
	}
	defer p.Kill()
	if _, err := handIn(ctx, p, n, make([]byte, 1000)); err != nil {
		return err
	}
	return p.Stop()
}

func (b *bench) readyAfter(ctx context.Context, dir string) (time.Duration, error) {
	start := time.Now()
	p, err := b.start(ctx, dir, "serve")
	if err != nil {
		return 0, err
	}
	defer p.Kill()
	if err := waitReady(ctx, p); err != nil {
		return 0, err
	}
	took := time.Since(start)
	return took, p.Stop()
}

// waitReady asks /readyz until it answers 200.
func waitReady(ctx context.Context, p *portal.Portal) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/readyz", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("/readyz answers %s", res.Status)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", err)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

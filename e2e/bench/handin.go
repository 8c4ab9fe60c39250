package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"doorito/e2e/portal"
)

// handsAtOnce is how many files are handed in at a time.
const handsAtOnce = 8

// client is a program with a token that keeps its connections.
func client(ctx context.Context, p *portal.Portal) (*portal.Client, error) {
	t, err := token(ctx, p)
	if err != nil {
		return nil, err
	}
	return &portal.Client{URL: p.URL, Token: t, HTTP: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}, nil
}

// handIn uploads n files with the same content and returns the time it took.
func handIn(ctx context.Context, p *portal.Portal, n int, content []byte) (time.Duration, error) {
	c, err := client(ctx, p)
	if err != nil {
		return 0, err
	}
	defer c.HTTP.CloseIdleConnections()
	return sideBySide(ctx, n, handsAtOnce, func(i int) error {
		_, err := c.TryUpload(fmt.Sprintf("file-%d.bin", i), bytes.NewReader(content))
		return err
	})
}

// sideBySide calls fn for 0 to n-1, a few at a time, up to the first error.
func sideBySide(ctx context.Context, n, atOnce int, fn func(i int) error) (time.Duration, error) {
	var next atomic.Int64
	var all sync.WaitGroup
	failed := make(chan error, atOnce)
	start := time.Now()
	for range atOnce {
		all.Go(func() {
			for len(failed) == 0 && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := fn(i); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	select {
	case err := <-failed:
		return 0, err
	default:
		return took, ctx.Err()
	}
}

func cpus() string { return fmt.Sprintf("%d processors with the server", runtime.NumCPU()) }

package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"doorito/e2e/bench/bare"
	"doorito/e2e/services"
)

const (
	smallCount = 1000
	smallSize  = 10_000
)

// smallFiles hands in many files. A file costs two commits and two syncs: the
// bare side makes the two syncs alone.
func smallFiles(ctx context.Context, b *bench, t *table) error {
	stack, err := b.services(ctx, services.WantPostgres, services.WantRedis)
	if err != nil {
		return err
	}
	defer stack.Stop()
	content := bare.Block()[:smallSize]
	for _, on := range []struct {
		name string
		env  []string
	}{
		{"PostgreSQL + Redis", []string{"DATABASE_URL=" + stack.Postgres.URL, "REDIS_URL=" + stack.Redis.URL}},
		{"embedded", nil},
	} {
		rates, plain, err := smallFilesOn(ctx, b, content, on.env...)
		if err != nil {
			return fmt.Errorf("%s: %w", on.name, err)
		}
		t.add(on.name, median(rates), "files/s").against("bare files, synced", median(plain), ratios(rates, plain))
	}
	t.note("medians of %d rounds in turns, raw PUT on kept connections; role serve, no endpoint. The client shares %s.", b.rounds, cpus())
	return nil
}

func smallFilesOn(ctx context.Context, b *bench, content []byte, env ...string) (rates, plain []float64, err error) {
	dir, err := b.folder("small")
	if err != nil {
		return nil, nil, err
	}
	p, err := b.start(ctx, dir, "serve", env...)
	if err != nil {
		return nil, nil, err
	}
	defer p.Kill()
	for range b.rounds {
		took, err := handIn(ctx, p, smallCount, content)
		if err != nil {
			return nil, nil, err
		}
		rates = append(rates, smallCount/took.Seconds())
		rate, err := bareFiles(ctx, dir, content)
		if err != nil {
			return nil, nil, err
		}
		plain = append(plain, rate)
	}
	b.progress("files/s %.0f, bare %.0f", rates, plain)
	return rates, plain, nil
}

// bareFiles hashes, writes, syncs, renames and syncs the folder, as many at
// once as the clients, and returns files a second. The files stay until the
// end of the run: ext4 searches long for a free inode while many are freshly
// deleted, and the portal would pay for it in the next round.
func bareFiles(ctx context.Context, dir string, content []byte) (float64, error) {
	dir, err := os.MkdirTemp(dir, "bare-")
	if err != nil {
		return 0, err
	}
	took, err := sideBySide(ctx, smallCount, handsAtOnce, func(i int) error {
		sha256.Sum256(content)
		staged := filepath.Join(dir, fmt.Sprintf("staged-%d", i))
		f, err := os.Create(staged)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := f.Write(content); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
		if err := os.Rename(staged, filepath.Join(dir, fmt.Sprintf("file-%d", i))); err != nil {
			return err
		}
		list, err := os.Open(dir)
		if err != nil {
			return err
		}
		defer list.Close()
		return list.Sync()
	})
	return smallCount / took.Seconds(), err
}

package main

import (
	"context"

	"doorito/e2e/bench/bare"
)

const (
	manyStreams = 8
	oneOfEight  = 128_000_000
)

// tusDisk sets PATCH requests to disk, hashed, beside tusd, which neither
// hashes nor syncs.
func tusDisk(ctx context.Context, b *bench, t *table) error {
	servers, done, err := b.tusServers(ctx)
	if err != nil {
		return err
	}
	defer done()
	for _, c := range []struct {
		name         string
		n            int
		size         int64
		none, synced float64 // targets
	}{
		{"1 × 1 GB", 1, bigFile, 1.2, 0.8},
		{"8 × 128 MB", manyStreams, oneOfEight, 0.9, 0.7},
	} {
		rates, cpus := make([][]float64, len(servers)), make([][]float64, len(servers))
		var limit []float64
		for i := range b.rounds + 1 {
			alone, err := bare.Pipe(b.dir, int64(c.n)*c.size)
			if err != nil {
				return err
			}
			b.progress("%s, hashed, written and synced by a bare program: %.0f MB/s", c.name, alone/megabyte)
			if i > 0 { // the first round warms up
				limit = append(limit, alone/megabyte)
			}
			for j, s := range servers {
				rate, cpu, err := s.sideBySide(ctx, c.n, c.size)
				if err != nil {
					return err
				}
				b.progress("%s, %s: %.0f MB/s, %.2f CPU s/GB", c.name, s.name, rate, cpu)
				if i > 0 {
					rates[j], cpus[j] = append(rates[j], rate), append(cpus[j], cpu)
				}
			}
		}
		t.add(c.name+", "+servers[2].name, median(rates[2]), "MB/s").against("no network, no database", median(limit), ratios(rates[2], limit))
		for j, want := range []float64{c.none, c.synced} {
			name, rate, cpu := c.name+", "+servers[j+1].name, rates[j+1], cpus[j+1]
			t.add(name, median(rate), "MB/s").against("tusd", median(rates[0]), ratios(rate, rates[0])).wantRatioAtLeast(want)
			t.add(name, median(cpu), "CPU s/GB").against("tusd", median(cpus[0]), ratios(cpu, cpus[0])).wantRatioAtMost(1.4)
		}
	}
	t.note("medians of %d rounds in turns, ratios of neighbours; the portal hashes and keeps offsets in SQLite, tusd does neither. UPLOAD_SYNC=durable is the default. No network, no database: a bare program that hashes, writes through the page cache and syncs as many bytes. The client shares %s.", b.rounds, cpus())
	return nil
}

// tusServers are tusd, a portal that syncs nothing, and one with its defaults.
func (b *bench) tusServers(ctx context.Context) (all []*tusServer, done func(), err error) {
	done = func() {
		for _, s := range all {
			s.kill()
		}
	}
	for _, start := range []func() (*tusServer, error){
		func() (*tusServer, error) { return b.tusRival(ctx) },
		func() (*tusServer, error) { return b.tusPortal(ctx, "UPLOAD_SYNC=none", "UPLOAD_SYNC=none") },
		func() (*tusServer, error) { return b.tusPortal(ctx, "durable") },
	} {
		s, err := start()
		if err != nil {
			done()
			return nil, nil, err
		}
		all = append(all, s)
	}
	return all, done, nil
}

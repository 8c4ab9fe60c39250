package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"doorito/e2e/services"
)

const (
	smallUpload = 200_000_000
	largeUpload = 2_000_000_000
	oneOfMany   = 100_000_000
	many        = 20
)

// peakMemory reads VmHWM of a fresh process for each measurement, after its
// uploads. The database exists already, so that no password is hashed.
func peakMemory(ctx context.Context, b *bench, t *table) error {
	m := &memory{b: b}
	var err error
	if m.dir, err = b.folder("memory"); err != nil {
		return err
	}
	if err := m.prepare(ctx); err != nil {
		return err
	}
	var idle, small, large, twenty []float64
	for range max(3, b.rounds/2) {
		for _, c := range []struct {
			into *[]float64
			n    int
			size int64
		}{{&idle, 0, 0}, {&small, 1, smallUpload}, {&large, 1, largeUpload}, {&twenty, many, oneOfMany}} {
			peak, err := m.peak(ctx, c.n, c.size)
			if err != nil {
				return err
			}
			b.progress("%d × %d MB: %.1f MB", c.n, c.size/megabyte, peak)
			*c.into = append(*c.into, peak)
		}
	}
	t.add("one upload of 2 GB", median(large), "MB").against("one of 200 MB", median(small), ratios(large, small)).wantRatioAtMost(1.2)
	t.add("one upload of 2 GB", median(large), "MB").wantAtMost(80)
	t.add("20 uploads of 100 MB at once, to disk", median(twenty), "MB").against("no upload", median(idle), ratios(twenty, idle)).wantAtMost(120)
	if err := m.onS3(ctx, t); err != nil {
		return err
	}
	t.note("medians of %d; VmHWM of a fresh process each, 1 MB = 10^6 bytes; embedded parts, role serve.", len(large))
	return nil
}

type memory struct {
	b     *bench
	dir   string
	token string
	env   []string
}

func (m *memory) prepare(ctx context.Context) error {
	p, err := m.b.start(ctx, m.dir, "serve", m.env...)
	if err != nil {
		return err
	}
	defer p.Kill()
	m.token, err = token(ctx, p)
	return err
}

// peak starts a portal, uploads n files of size at once and returns MB.
func (m *memory) peak(ctx context.Context, n int, size int64) (float64, error) {
	p, err := m.b.start(ctx, m.dir, "serve", m.env...)
	if err != nil {
		return 0, err
	}
	defer p.Kill()
	s := newSender(p)
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			code, body, _, err := s.upload(ctx, rawUpload(m.token, size))
			if err == nil && code != http.StatusCreated {
				err = fmt.Errorf("the upload answers %d: %.500s", code, body)
			}
			errs[i] = err
		})
	}
	all.Wait()
	peak, err := vmHWM(p.PID)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	if len(m.env) == 0 {
		_, err = forgetFiles(m.dir)
	}
	return peak, err
}

// onS3 has no target: the parts' buffers have a budget of their own.
func (m *memory) onS3(ctx context.Context, t *table) error {
	stack, err := m.b.services(ctx, services.WantS3)
	if err != nil {
		return err
	}
	defer stack.Stop()
	m.env = []string{"AWS_STORAGE_BUCKET_NAME=" + stack.S3.Bucket, "AWS_S3_ENDPOINT_URL=" + stack.S3.Endpoint,
		"AWS_S3_REGION_NAME=" + stack.S3.Region, "AWS_ACCESS_KEY_ID=" + stack.S3.AccessKey, "AWS_SECRET_ACCESS_KEY=" + stack.S3.SecretKey}
	var peaks []float64
	for range 3 {
		peak, err := m.peak(ctx, many, oneOfMany)
		if err != nil {
			return err
		}
		m.b.progress("%d × %d MB to S3: %.1f MB", many, int64(oneOfMany/megabyte), peak)
		peaks = append(peaks, peak)
	}
	t.add("20 uploads of 100 MB at once, to S3", median(peaks), "MB").against("UPLOAD_BUFFER_BUDGET", float64(256<<20)/megabyte, 0)
	return nil
}

// vmHWM is the most memory that was resident, in MB (proc(5), status).
func vmHWM(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb * 1024 / megabyte, err
		}
	}
	return 0, errors.New("no VmHWM in /proc: this needs Linux")
}

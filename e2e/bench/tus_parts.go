package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// partsAtOnce is on how many connections parts are sent.
const partsAtOnce = 4

// inParts sets parts on several connections, until the file is stored, beside
// one long request on the same portal.
func inParts(ctx context.Context, b *bench, t *table) error {
	s, err := b.tusPortal(ctx, "durable")
	if err != nil {
		return err
	}
	defer s.kill()
	var long, parts []float64
	for i := range b.rounds + 1 {
		one, _, err := s.sideBySide(ctx, 1, bigFile)
		if err != nil {
			return err
		}
		four, err := s.partsRate(ctx, bigFile)
		if err != nil {
			return err
		}
		b.progress("MB/s: one request %.0f, parts %.0f", one, four)
		if i > 0 { // the first round warms up
			long, parts = append(long, one), append(parts, four)
		}
	}
	t.add("8 MiB parts on 4 connections", median(parts), "MB/s").against("one PATCH", median(long), ratios(parts, long)).wantRatioAtLeast(0.9)
	t.note("medians of %d rounds in turns, 1 GB each, from the first byte to the stored file; each part is hashed for itself and for the file. The client shares %s.", b.rounds, cpus())
	return nil
}

// partsRate sends a file in parts and returns MB/s.
func (s *tusServer) partsRate(ctx context.Context, size int64) (float64, error) {
	id, chunk, err := s.openSession(ctx, size)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	open := make(chan *connection, partsAtOnce)
	for range partsAtOnce {
		c, err := s.sender.dial(ctx)
		if err != nil {
			return 0, err
		}
		defer c.close()
		open <- c
	}
	_, err = sideBySide(ctx, int((size+chunk-1)/chunk), partsAtOnce, func(i int) error {
		line := fmt.Sprintf("PUT /api/v1/sessions/%s/parts/%d", id, i+1)
		c := <-open
		defer func() { open <- c }()
		code, body, err := c.send(request{line: line, header: s.header(), size: min(chunk, size-int64(i)*chunk)})
		if err == nil && code != http.StatusOK {
			err = fmt.Errorf("%s answers %d: %.300s", line, code, body)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	if _, err := s.do(ctx, http.MethodPost, "/api/v1/sessions/"+id+"/complete", s.header(), nil, http.StatusOK); err != nil {
		return 0, err
	}
	rate := float64(size) / time.Since(start).Seconds() / megabyte
	n, err := forgetFiles(s.dir)
	if n != size {
		err = errors.Join(err, fmt.Errorf("%d bytes of %d are in the storage", n, size))
	}
	return rate, err
}

func (s *tusServer) openSession(ctx context.Context, size int64) (id string, chunk int64, err error) {
	h := s.header()
	h.Set("Content-Type", "application/json")
	text, err := s.answer(ctx, http.MethodPost, "/api/v1/sessions", h, fmt.Appendf(nil, `{"filename":"bench.bin","size_bytes":%d}`, size), http.StatusCreated)
	if err != nil {
		return "", 0, err
	}
	var made struct {
		ID    string
		Chunk int64 `json:"chunk_size_bytes"`
	}
	err = json.Unmarshal(text, &made)
	return made.ID, made.Chunk, err
}

package main

import (
	"context"
	"net/http"

	"doorito/e2e/services"
)

// tusSmall hands in many files by tus, beside tusd.
func tusSmall(ctx context.Context, b *bench, t *table) error {
	stack, err := b.services(ctx, services.WantPostgres, services.WantRedis)
	if err != nil {
		return err
	}
	defer stack.Stop()
	rival, err := b.tusRival(ctx)
	if err != nil {
		return err
	}
	defer rival.kill()
	p, err := b.tusPortal(ctx, "doorito", "DATABASE_URL="+stack.Postgres.URL, "REDIS_URL="+stack.Redis.URL)
	if err != nil {
		return err
	}
	defer p.kill()
	for _, c := range []struct {
		name string
		send func(ctx context.Context, s *tusServer, content []byte) error
		want float64
	}{
		{"creation, then PATCH", sendInTwo, 0.25},
		{"creation-with-upload", sendAtOnce, 0.4},
	} {
		var ours, theirs []float64
		for i := range b.rounds + 1 {
			r, err := smallRate(ctx, rival, c.send)
			if err != nil {
				return err
			}
			o, err := smallRate(ctx, p, c.send)
			if err != nil {
				return err
			}
			b.progress("%s: tusd %.0f, doorito %.0f files/s", c.name, r, o)
			if i > 0 {
				ours, theirs = append(ours, o), append(theirs, r)
			}
		}
		t.add(c.name, median(ours), "files/s").against("tusd", median(theirs), ratios(ours, theirs)).wantRatioAtLeast(c.want)
	}
	t.note("medians of %d rounds in turns; PostgreSQL with fsync, files durable; tusd has no database and syncs nothing. The client shares %s.", b.rounds, cpus())
	return nil
}

func smallRate(ctx context.Context, s *tusServer, send func(context.Context, *tusServer, []byte) error) (float64, error) {
	content := block()[:smallSize]
	took, err := sideBySide(ctx, smallCount, handsAtOnce, func(int) error { return send(ctx, s, content) })
	return smallCount / took.Seconds(), err
}

func sendInTwo(ctx context.Context, s *tusServer, content []byte) error {
	path, err := s.create(ctx, int64(len(content)), nil, nil)
	if err != nil {
		return err
	}
	return s.patchSmall(ctx, path, content)
}

func sendAtOnce(ctx context.Context, s *tusServer, content []byte) error {
	_, err := s.create(ctx, int64(len(content)), http.Header{}, content)
	return err
}

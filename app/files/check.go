package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"doorito/app/stream"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

const (
	// noteEvery is how often a check writes down how far it is.
	noteEvery = time.Second
	// checkDead is from when on a check without a sign of life is begun anew.
	checkDead = 30 * time.Second
	// lookEvery is how often a process looks for a check that another asked for.
	lookEvery = 2 * time.Second
)

// Checks reads stored files back and compares them with what came in.
type Checks struct {
	DB    ports.Transactor
	Blobs ports.Blobs
	Clock ports.Clock
	IDs   ports.IDs
	Log   *slog.Logger

	wake chan struct{}
}

var _ usecase.Checks = (*Checks)(nil)

// NewChecks makes the part of a process that asks for checks and runs them.
func NewChecks(db ports.Transactor, blobs ports.Blobs, clock ports.Clock, ids ports.IDs, log *slog.Logger) *Checks {
	return &Checks{DB: db, Blobs: blobs, Clock: clock, IDs: ids, Log: log, wake: make(chan struct{}, 1)}
}

// Ask implements usecase.Checks.
func (c *Checks) Ask(ctx context.Context, a domain.Actor, file uuid.UUID) error {
	if err := a.RequireAdmin(); err != nil {
		return err
	}
	f, err := c.DB.Reads().Files.Find(ctx, file)
	if err != nil {
		return err
	}
	if !f.HasBytes() {
		return domain.Errorf(domain.Conflict, "This file is %s and has no bytes to read.", f.Status)
	}
	err = c.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		added, err := s.FileChecks.Insert(ctx, domain.NewFileCheck(c.IDs.New(), f, a, c.Clock.Now()))
		if err == nil && !added {
			err = domain.Errorf(domain.Conflict, "This file is being read already. Wait for the result.")
		}
		return err
	})
	if err != nil {
		return err
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return nil
}

// Latest implements usecase.Checks.
func (c *Checks) Latest(ctx context.Context, a domain.Actor, file uuid.UUID) (*domain.FileCheck, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	return c.DB.Reads().FileChecks.FindLatest(ctx, file)
}

// Run does checks, one at a time, until ctx ends. Several processes may: each
// takes another. One that dies leaves its check to the next.
func (c *Checks) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		for {
			did, err := c.RunOne(ctx)
			if err != nil && ctx.Err() == nil {
				c.Log.Error("a file could not be checked", "error", err)
			}
			if !did || err != nil {
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-c.wake:
		}
	}
}

// RunOne does the next check that waits; false when none does.
func (c *Checks) RunOne(ctx context.Context) (bool, error) {
	now := c.Clock.Now()
	if some, err := c.DB.Reads().FileChecks.Pending(ctx, now.Add(-checkDead)); err != nil || !some {
		return false, err
	}
	var check *domain.FileCheck
	err := c.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		var err error
		check, err = s.FileChecks.Claim(ctx, now, now.Add(-checkDead))
		return err
	})
	if err != nil || check == nil {
		return false, err
	}
	f, err := c.DB.Reads().Files.Find(ctx, check.FileID)
	if err != nil {
		return true, err
	}
	read, sum, err := c.read(ctx, f, check)
	now = c.Clock.Now()
	switch {
	case ctx.Err() != nil || domain.IsCode(err, domain.Conflict):
		return true, err // another goes on with it
	case domain.IsCode(err, domain.NotFound):
		check.Break(domain.CheckMissing, "The storage has no bytes under its key.", now)
	case err != nil:
		c.Log.Error("a file could not be read back", "file_id", f.ID, "error", err)
		check.Done = read
		check.Break(domain.CheckBroken, "The storage could not be read to the end. The log says why.", now)
	default:
		check.End(f, read, sum, now)
	}
	return true, c.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if err := s.FileChecks.Finish(ctx, check); err != nil {
			return err
		}
		changes := map[string]string{"result": string(check.State), "read": domain.FormatBytes(check.Done)}
		if check.State == domain.CheckDifferent {
			changes["sha256"] = f.SHA256 + " → " + check.SHA256
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(c.IDs.New(), check.Asker(), "file.checked", "file", f.ID, changes, now))
	})
}

// read hashes the blob and notes how far it is.
func (c *Checks) read(ctx context.Context, f *domain.File, check *domain.FileCheck) (int64, string, error) {
	r, err := c.Blobs.Open(ctx, f.StorageKey, 0, -1)
	if err != nil {
		return 0, "", err
	}
	defer r.Close()
	h, buf, done := sha256.New(), make([]byte, stream.BufferSize), int64(0)
	for last := c.Clock.Now(); ; {
		n, err := r.Read(buf)
		h.Write(buf[:n])
		done += int64(n)
		switch {
		case errors.Is(err, io.EOF):
			return done, hex.EncodeToString(h.Sum(nil)), nil
		case err != nil:
			return done, "", err
		case ctx.Err() != nil:
			return done, "", ctx.Err()
		}
		if now := c.Clock.Now(); now.Sub(last) >= noteEvery {
			last = now
			err := c.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error { return s.FileChecks.Advance(ctx, check.ID, done, now) })
			if err != nil {
				return done, "", err
			}
		}
	}
}

package upkeep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"doorito/app/files"
	"doorito/ports"
)

// forgotten is how long what has ended is kept for looking at.
const forgotten = 7 * 24 * time.Hour

// sharedLonger is how long the log of a share link is kept after its end.
const sharedLonger = 90 * 24 * time.Hour

// cleanSessions ends idle uploads, and forgets what is over: signed-in
// browsers, uploads, throttles, keys of clients, share links.
func (u *Upkeep) cleanSessions(ctx context.Context) (string, error) {
	expired, failed := u.expireUploads(ctx)
	before := u.Clock.Now().Add(-forgotten)
	removed, err := u.inBatches(ctx, "removed %d dead sessions, idle throttles, old keys and share links", func(ctx context.Context, s ports.Stores) (int, error) {
		n, err := s.WebSessions.DeleteDead(ctx, before, batch)
		if err != nil {
			return n, err
		}
		ended, err := s.Sessions.DeleteEnded(ctx, before, batch)
		if err != nil {
			return n, err
		}
		keys, err := files.ForgetKeys(ctx, s, u.Clock.Now(), batch)
		if err != nil {
			return n, err
		}
		links, err := s.ShareLinks.DeleteDead(ctx, u.Clock.Now().Add(-sharedLonger), batch)
		if err != nil {
			return n, err
		}
		idle, err := s.Throttles.DeleteIdle(ctx, before)
		return n + ended + keys + links + idle, err
	})
	return fmt.Sprintf("%s; expired %d uploads", removed, expired), errors.Join(failed, err)
}

// expireUploads goes on until a batch is short or nothing can be ended.
func (u *Upkeep) expireUploads(ctx context.Context) (total int, err error) {
	for u.Sessions != nil {
		n, err := u.Sessions.ExpireIdle(ctx, batch)
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
	return total, nil
}

// finishUploads completes what died between its last byte and its event.
func (u *Upkeep) finishUploads(ctx context.Context) (int, error) {
	if u.Sessions == nil {
		return 0, nil
	}
	return u.Sessions.FinishLeft(ctx, batch)
}

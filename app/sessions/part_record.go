package sessions

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// extendAfter is how old an expiry has to be to be worth writing an index for.
const extendAfter = time.Minute

// record adds the part to the session and keeps that from expiring. With the
// link of the part, if it has one, the hash that is saved may get further.
func (s *Sessions) record(ctx context.Context, p *domain.UploadPart, hashes *chain, own *link) (*domain.UploadPart, error) {
	// The bytes are here: a client that hangs up now does not undo that.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	now := s.Clock.Now()
	p.UpdatedAt = now
	var got *domain.UploadPart
	var saved prefixState
	var took bool
	err := s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		saved, took = nil, false
		var err error
		got, _, err = st.Sessions.PutPart(ctx, p, func(row *domain.UploadSession) {
			if !row.ExpiresAt.After(now.Add(s.TTL - extendAfter)) {
				row.ExpiresAt = now.Add(s.TTL)
			}
			if saved, took = hashes.follow(row.HashState, own); saved != nil {
				row.HashState = saved
			}
		})
		return err
	})
	if err != nil {
		return nil, s.because(ctx, p.SessionID, err)
	}
	if got.SHA256 != p.SHA256 {
		return nil, otherContent(p.Number)
	}
	if took {
		own = nil
	}
	if err := s.followLinks(ctx, p.SessionID, hashes, saved, own); err != nil {
		s.Log.Warn("hash of parts not saved", "session_id", p.SessionID, "error", err)
	}
	return got, nil
}

// followLinks saves the hash as far as the parts lead that were recorded
// meanwhile. Without it completion would read them again.
func (s *Sessions) followLinks(ctx context.Context, id uuid.UUID, hashes *chain, saved prefixState, own *link) error {
	for {
		from, to := hashes.recorded(saved, own)
		if to == nil {
			return nil
		}
		if kept, err := s.keepPrefix(ctx, id, from.length(), to); !kept {
			return err
		}
		saved, own = to, nil
	}
}

package sessions

import (
	"cmp"
	"context"
	"time"

	"doorito/domain"
)

// lifeEvery is how often a long assembly says that it lives: thrice before a
// sweep would take it for left behind.
const lifeEvery = CompletingFor / 3

// alive says now and then that a completion is under way, until rest is
// called. The context ends when the session was ended meanwhile.
func (s *Sessions) alive(ctx context.Context, row *domain.UploadSession) (living context.Context, rest func()) {
	living, cancel := context.WithCancel(ctx)
	sign, over := *row, make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(cmp.Or(s.pace, lifeEvery))
		defer tick.Stop()
		for {
			select {
			case <-living.Done():
				return
			case <-tick.C:
			}
			sign.UpdatedAt = s.Clock.Now()
			if err := s.saveAs(living, &sign, domain.SessionCompleting); domain.IsCode(err, domain.Conflict) {
				cancel()
			}
		}
	}()
	return living, func() { cancel(); <-over }
}

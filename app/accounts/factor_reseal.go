package accounts

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Reseal implements usecase.FactorResealer. Each is a transaction of its own, so
// a run that is cut off is gone on with by the next.
func (f *SecondFactor) Reseal(ctx context.Context, a domain.Actor) (sealed int, err error) {
	if err := a.RequireAdmin(); err != nil {
		return 0, err
	}
	const page = 200
	for after := uuid.Nil; ; {
		users, err := f.DB.Reads().Factors.Users(ctx, after, page)
		if err != nil {
			return sealed, err
		}
		for _, user := range users {
			after = user
			done, err := f.resealOne(ctx, user)
			if err != nil && !domain.IsCode(err, domain.NotFound) {
				return sealed, err
			}
			if done {
				sealed++
			}
		}
		if len(users) < page {
			return sealed, nil
		}
	}
}

func (f *SecondFactor) resealOne(ctx context.Context, user uuid.UUID) (done bool, err error) {
	err = f.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		has, err := s.Factors.Lock(ctx, user)
		if done = false; err != nil || f.Keys.Fresh(has.Sealed) {
			return err
		}
		if has.Sealed, err = f.Keys.Reseal(has.Sealed, domain.SecondFactorAbout(user), f.Random); err != nil {
			return err
		}
		done = true
		return s.Factors.Save(ctx, has)
	})
	return done, err
}

package accounts

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// issuer is how authenticator apps name the entry.
const issuer = "Doorito"

// SecondFactor implements usecase.SecondFactor.
type SecondFactor struct {
	*Profile
	Keys  *domain.Keyring
	Codes ports.OneTimeCodes
}

var _ usecase.SecondFactor = (*SecondFactor)(nil)

// factorOf is nil for a user without one.
func factorOf(ctx context.Context, s ports.Stores, user uuid.UUID) (*domain.SecondFactor, error) {
	f, err := s.Factors.Find(ctx, user)
	if domain.IsCode(err, domain.NotFound) {
		return nil, nil
	}
	return f, err
}

// State implements usecase.SecondFactor.
func (f *SecondFactor) State(ctx context.Context, a domain.Actor) (usecase.SecondFactorState, error) {
	if err := own(a); err != nil {
		return usecase.SecondFactorState{}, err
	}
	r := f.DB.Reads()
	has, err := factorOf(ctx, r, a.UserID)
	if err != nil || !has.On() {
		return usecase.SecondFactorState{}, err
	}
	left, err := r.Factors.CodesLeft(ctx, a.UserID)
	return usecase.SecondFactorState{On: true, Since: *has.ConfirmedAt, CodesLeft: left}, err
}

// Begin implements usecase.SecondFactor.
func (f *SecondFactor) Begin(ctx context.Context, a domain.Actor) (*usecase.Enrolment, error) {
	if err := own(a); err != nil {
		return nil, err
	}
	fresh, err := f.Codes.NewSecret()
	if err != nil {
		return nil, err
	}
	secret := ""
	err = f.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		user, err := s.Users.Lock(ctx, a.UserID)
		if err != nil {
			return err
		}
		has, err := factorOf(ctx, s, user.ID)
		if err != nil {
			return err
		}
		if has.On() {
			return domain.Errorf(domain.Conflict, "Your second factor is on. Turn it off before you set another one up.")
		}
		if has != nil {
			secret, err = f.Keys.Open(has.Sealed, domain.SecondFactorAbout(user.ID))
			return err
		}
		secret = fresh
		sealed, err := f.Keys.Seal(secret, domain.SecondFactorAbout(user.ID), f.Random)
		if err != nil {
			return err
		}
		now := f.Clock.Now()
		return s.Factors.Save(ctx, &domain.SecondFactor{UserID: user.ID, Sealed: sealed, CreatedAt: now, UpdatedAt: now})
	})
	if err != nil {
		return nil, err
	}
	return &usecase.Enrolment{Secret: secret, Address: f.Codes.Address(secret, issuer, a.Email)}, nil
}

// Confirm implements usecase.SecondFactor.
func (f *SecondFactor) Confirm(ctx context.Context, a domain.Actor, code string) ([]string, error) {
	if err := own(a); err != nil {
		return nil, err
	}
	now := f.Clock.Now()
	tries := secondBucket(a.UserID)
	if err := tries.Check(ctx, f.DB.Reads(), now); err != nil {
		return nil, err
	}
	codes, err := domain.NewRecoveryCodes(f.Random)
	if err != nil {
		return nil, err
	}
	right := false
	err = f.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		has, err := s.Factors.Lock(ctx, a.UserID)
		if err != nil {
			return err
		}
		if has.On() {
			return domain.Errorf(domain.Conflict, "Your second factor is on already.")
		}
		if right, err = takeStep(f.Keys, f.Codes, has, domain.TypedCode(code), now); err != nil || !right {
			return err
		}
		has.ConfirmedAt = &now
		if err := s.Factors.Save(ctx, has); err != nil {
			return err
		}
		if err := s.Factors.SetCodes(ctx, a.UserID, hashesOf(codes)); err != nil {
			return err
		}
		return f.note(ctx, s, a, "user.second_factor_on", nil, now)
	})
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, wrongCode(ctx, f.DB, tries, now)
	}
	return codes, nil
}

// takeStep tells whether a code of the app is right and was not taken before.
func takeStep(keys *domain.Keyring, codes ports.OneTimeCodes, has *domain.SecondFactor, code string, now time.Time) (bool, error) {
	secret, err := keys.Open(has.Sealed, domain.SecondFactorAbout(has.UserID))
	if err != nil {
		return false, err
	}
	step, ok := codes.Step(secret, code, now)
	return ok && has.Take(step, now), nil
}

// secondBucket holds the wrong codes of one person, wherever they come from.
func secondBucket(user uuid.UUID) app.Bucket {
	return app.Bucket{Key: "second:" + user.String(), Tries: pairTries, Drain: pairDrain}
}

func wrongCode(ctx context.Context, db ports.Transactor, b app.Bucket, now time.Time) error {
	left, err := b.Fail(ctx, db, now)
	if err != nil {
		return err
	}
	return domain.FieldErrorf("code", "That code is wrong, too old, or was used already. Take the one that the app shows now. %s left.", tries(left))
}

func hashesOf(codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = domain.HashRecoveryCode(c)
	}
	return out
}

// NewCodes implements usecase.SecondFactor.
func (f *SecondFactor) NewCodes(ctx context.Context, a domain.Actor, password string) ([]string, error) {
	codes, err := domain.NewRecoveryCodes(f.Random)
	if err != nil {
		return nil, err
	}
	return codes, f.confirmed(ctx, a, password, "user.recovery_codes_made", func(ctx context.Context, s ports.Stores) error {
		return s.Factors.SetCodes(ctx, a.UserID, hashesOf(codes))
	})
}

// TurnOff implements usecase.SecondFactor.
func (f *SecondFactor) TurnOff(ctx context.Context, a domain.Actor, password string) error {
	return f.confirmed(ctx, a, password, "user.second_factor_off", func(ctx context.Context, s ports.Stores) error {
		return s.Factors.Delete(ctx, a.UserID)
	})
}

// confirmed does something to a factor that is on, after the password.
func (f *SecondFactor) confirmed(ctx context.Context, a domain.Actor, password, action string, do func(context.Context, ports.Stores) error) error {
	if err := own(a); err != nil {
		return err
	}
	user, err := f.DB.Reads().Users.Find(ctx, a.UserID)
	if err != nil {
		return err
	}
	if err := f.confirm(ctx, user, password, "password"); err != nil {
		return err
	}
	return f.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		has, err := s.Factors.Lock(ctx, a.UserID)
		if domain.IsCode(err, domain.NotFound) || err == nil && !has.On() {
			return domain.Errorf(domain.Conflict, "You have no second factor that is on.")
		}
		if err != nil {
			return err
		}
		if err := do(ctx, s); err != nil {
			return err
		}
		return f.note(ctx, s, a, action, nil, f.Clock.Now())
	})
}

// Reset implements usecase.SecondFactor.
func (f *SecondFactor) Reset(ctx context.Context, a domain.Actor, user uuid.UUID) error {
	if err := governs(a); err != nil {
		return err
	}
	return f.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if _, err := s.Factors.Lock(ctx, user); err != nil {
			return err
		}
		if err := s.Factors.Delete(ctx, user); err != nil {
			return err
		}
		now := f.Clock.Now()
		return s.Audit.Append(ctx, domain.NewAuditEntry(f.IDs.New(), a, "user.second_factor_reset", "user", user, nil, now))
	})
}

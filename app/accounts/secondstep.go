package accounts

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// ticketLives is how long the second step may take.
const ticketLives = 10 * time.Minute

// ticketAbout binds a ticket to its purpose.
const ticketAbout = "second step of signing in"

// ticket says that a password was right. It travels sealed with the browser, so
// that nothing of a sign-in that is half done is kept here.
type ticket struct {
	User     uuid.UUID `json:"u"`
	Remember bool      `json:"r"`
	Until    time.Time `json:"t"`
	Password string    `json:"p"` // hash of the password's hash: another password voids the ticket
}

// needsCode makes a ticket when the user has a second factor, else "".
func (s *SignIn) needsCode(ctx context.Context, user *domain.User, remember bool, now time.Time) (string, error) {
	has, err := factorOf(ctx, s.DB.Reads(), user.ID)
	if err != nil || !has.On() {
		return "", err
	}
	text, err := json.Marshal(ticket{user.ID, remember, now.Add(ticketLives), domain.HashSecret(user.PasswordHash)})
	if err != nil {
		return "", err
	}
	return s.Keys.Seal(string(text), ticketAbout, s.Random)
}

// SecondStep implements usecase.SignIn.
func (s *SignIn) SecondStep(ctx context.Context, sealed, code string, in usecase.SignInInput) (*usecase.SignedIn, error) {
	now := s.Clock.Now()
	over := domain.Errorf(domain.Expired, "This sign-in took too long, or the account was changed meanwhile. Begin again with your password.")
	var t ticket
	text, err := s.Keys.Open(sealed, ticketAbout)
	if err != nil || json.Unmarshal([]byte(text), &t) != nil || !now.Before(t.Until) {
		return nil, over
	}
	user, err := s.DB.Reads().Users.Find(ctx, t.User)
	if domain.IsCode(err, domain.NotFound) || err == nil && (!user.Active || domain.HashSecret(user.PasswordHash) != t.Password) {
		return nil, over
	}
	if err != nil {
		return nil, err
	}
	b := secondBucket(user.ID)
	if err := b.Check(ctx, s.DB.Reads(), now); err != nil {
		return nil, err
	}
	right, err := s.takeCode(ctx, user, domain.TypedCode(code), in.IP, now)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, wrongCode(ctx, s.DB, b, now)
	}
	in.Remember = t.Remember
	return s.start(ctx, user, in, s.throttle(user.Email, in.IP, user), now)
}

// takeCode uses a code up, of the app or for recovery. It commits before the
// session starts: a code that was seen once never works again.
func (s *SignIn) takeCode(ctx context.Context, user *domain.User, code, ip string, now time.Time) (right bool, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		has, err := st.Factors.Lock(ctx, user.ID)
		if domain.IsCode(err, domain.NotFound) {
			return domain.Errorf(domain.Expired, "Your second factor was taken away a moment ago. Begin again with your password.")
		}
		if err != nil {
			return err
		}
		if domain.IsRecoveryCode(code) {
			right, err = s.takeRecoveryCode(ctx, st, user, code, ip, now)
		} else if right, err = takeStep(s.Keys, s.Codes, has, code, now); right && err == nil {
			err = st.Factors.Save(ctx, has)
		}
		if err != nil || !right {
			return err
		}
		return st.Throttles.Clear(ctx, secondBucket(user.ID).Key)
	})
	return right, err
}

func (s *SignIn) takeRecoveryCode(ctx context.Context, st ports.Stores, user *domain.User, code, ip string, now time.Time) (bool, error) {
	used, err := st.Factors.UseCode(ctx, user.ID, domain.HashRecoveryCode(code), now)
	if err != nil || !used {
		return false, err
	}
	e := domain.NewAuditEntry(s.IDs.New(), domain.UserActor(user), "user.recovery_code_used", "user", user.ID, nil, now)
	e.IP = ip
	return true, st.Audit.Append(ctx, e)
}

package web_test

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports/usecase"
)

// fakeProfile is of somebody with two browsers; what is done is noted as words.
type fakeProfile struct{ *world }

func (f fakeProfile) Show(_ context.Context, a domain.Actor) (*usecase.ProfileDetail, error) {
	u := *priya
	u.Name, u.Email, u.Role = a.Name, a.Email, a.Role
	firefox := "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	return &usecase.ProfileDetail{User: &u, Usage: domain.Usage{Used: 3_200_000_000, Quota: u.Allowance.Quota}, Sessions: []*domain.WebSession{
		{ID: id(801), UserAgent: firefox, IP: "192.0.2.1", LastSeenAt: noon, ExpiresAt: noon.Add(time.Hour)},
		{ID: id(802), UserAgent: hostile, LastSeenAt: noon.Add(-time.Hour), ExpiresAt: noon.Add(time.Hour)},
	}}, nil
}

func (f fakeProfile) Rename(_ context.Context, _ domain.Actor, name string) error {
	u := *priya
	_, err := u.Rename(name, noon)
	fakeAccounts(f).note("renamed to " + name)
	return err
}

func (f fakeProfile) ChangePassword(_ context.Context, _ domain.Actor, current, password string, _ uuid.UUID) error {
	if current != "the old one" {
		return domain.FieldErrorf("current", "That is not your password.")
	}
	if err := domain.CheckPassword(password); err != nil {
		return err
	}
	fakeAccounts(f).note("password changed")
	return nil
}

func (f fakeProfile) EndSession(_ context.Context, _ domain.Actor, id uuid.UUID) error {
	fakeAccounts(f).note("ended", id)
	return nil
}

func (f fakeProfile) EndOtherSessions(context.Context, domain.Actor, uuid.UUID) (int, error) {
	fakeAccounts(f).note("others ended")
	return 1, nil
}

// fakeFactor is on for admins; staff are about to set theirs up.
type fakeFactor struct{ *world }

func (f fakeFactor) State(_ context.Context, a domain.Actor) (usecase.SecondFactorState, error) {
	return usecase.SecondFactorState{On: a.IsAdmin(), Since: noon.Add(-time.Hour), CodesLeft: 2}, nil
}

func (f fakeFactor) Begin(_ context.Context, a domain.Actor) (*usecase.Enrolment, error) {
	if a.IsAdmin() {
		return nil, domain.Errorf(domain.Conflict, "Your second factor is on.")
	}
	return &usecase.Enrolment{Secret: "ABCDEFGH", Address: "otpauth://totp/Doorito:priya@halden.example?secret=ABCDEFGH&issuer=Doorito"}, nil
}

func (f fakeFactor) Confirm(_ context.Context, _ domain.Actor, code string) ([]string, error) {
	if code != "123456" {
		return nil, domain.FieldErrorf("code", "That code is wrong. 4 tries left.")
	}
	return []string{"abcd-efgh", "ijkl-mnop"}, nil
}

func (f fakeFactor) NewCodes(_ context.Context, _ domain.Actor, password string) ([]string, error) {
	return []string{"qrst-uvwx"}, f.TurnOff(context.Background(), domain.Actor{}, password)
}

func (f fakeFactor) TurnOff(_ context.Context, _ domain.Actor, password string) error {
	if password != "the old one" {
		return domain.FieldErrorf("password", "That is not your password.")
	}
	fakeAccounts(f).note("factor")
	return nil
}

func (f fakeFactor) Reset(_ context.Context, _ domain.Actor, user uuid.UUID) error {
	fakeAccounts(f).note("reset", user)
	return nil
}

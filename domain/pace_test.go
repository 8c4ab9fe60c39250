package domain_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

func TestAPaceIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[domain.PaceText]domain.Pace{
		{}: {},
		{Timeout: "5", MaxInFlight: " 8 ", RateLimit: "50", Schedule: "0s, 5s,5m , 2h"}: {
			Timeout: 5 * time.Second, MaxInFlight: 8, RateLimit: 50, Schedule: domain.RetrySchedule{0, 5 * time.Second, 5 * time.Minute, 2 * time.Hour},
		},
		{Timeout: "1m 30s"}: {Timeout: 90 * time.Second},
	} {
		got, err := domain.ParsePace(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: %+v, %v", text, got, err)
		}
		again, err := domain.ParsePace(got.Text())
		if err != nil || !reflect.DeepEqual(again, want) {
			t.Errorf("%+v written as %+v: %+v, %v", want, got.Text(), again, err)
		}
	}
	if got := domain.DefaultRetrySchedule.String(); got != "0s, 5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h, 24h" {
		t.Error(got)
	}
}

func TestAPaceOutOfBoundsNamesItsField(t *testing.T) {
	t.Parallel()
	for text, field := range map[domain.PaceText]string{
		{Timeout: "0"}: "timeout", {Timeout: "3m"}: "timeout", {Timeout: "soon"}: "timeout", {Timeout: "-5"}: "timeout",
		{MaxInFlight: "0"}: "max_in_flight", {MaxInFlight: "101"}: "max_in_flight", {MaxInFlight: "1.5"}: "max_in_flight",
		{RateLimit: "-1"}: "rate_limit", {RateLimit: "10001"}: "rate_limit",
		{Schedule: "5"}: "retry_schedule", {Schedule: "5s,,5m"}: "retry_schedule", {Schedule: "721h"}: "retry_schedule",
	} {
		_, err := domain.ParsePace(text)
		var known *domain.Error
		if !errors.As(err, &known) || known.Code != domain.Invalid || known.Field != field {
			t.Errorf("%+v: %v", text, err)
		}
	}
}

func TestEditLeavesAPaceThatIsNotSaid(t *testing.T) {
	t.Parallel()
	form := domain.EndpointForm{URL: "https://example.com", Pace: &domain.Pace{Timeout: time.Second, RateLimit: 5}}
	e, err := domain.NewEndpoint(uuid.New(), form, false, nil, time.Unix(0, 0))
	if err != nil || e.Timeout != time.Second || e.RateLimit != 5 {
		t.Fatal(e, err)
	}
	form.Pace = nil
	if err := e.Edit(form, false, time.Unix(1, 0)); err != nil || e.RateLimit != 5 {
		t.Error(e.Pace(), err)
	}
	form.Pace = &domain.Pace{}
	if err := e.Edit(form, false, time.Unix(1, 0)); err != nil || !reflect.DeepEqual(e.Pace(), domain.Pace{}) {
		t.Error(e.Pace(), err)
	}
}

package web_test

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

func (d fakeDashboard) Summary(_ context.Context, a domain.Actor, span domain.Span) (*usecase.Summary, error) {
	s := &usecase.Summary{Now: d.now, Span: span, Recent: d.files[:min(7, len(d.files))], Delivered: map[uuid.UUID][2]int{}}
	if len(d.files) == 0 {
		return s, nil
	}
	for i, f := range s.Recent {
		s.Delivered[f.ID] = [2]int{min(i, 4), 4}
	}
	s.Totals = usecase.Totals{Stored: 2847, Failed: 61, Bytes: 412_600_000_000}
	s.Before = usecase.Totals{Stored: 2541, Bytes: 500_000_000_000}
	s.States = ports.FileStates{Uploading: 3, Stored: 812, Processed: 2011, Failed: 61, Deleted: 24}
	s.StoredBytes, s.StoredFiles = 1_840_000_000_000, 18204
	for h := span.Begin(d.now); !h.After(d.now); h = h.Add(time.Hour) {
		n := []int{30, 25, 20, 20, 25, 40, 60, 90, 160, 240, 250, 230, 200, 220, 240, 210, 190, 160, 140, 110, 80, 60, 50, 40}[h.Hour()]
		s.Files = append(s.Files, ports.FileHour{Hour: h, Stored: n, Failed: n % 7, Bytes: int64(n) * 140_000_000})
		s.Storage = append(s.Storage, ports.StorageHour{Hour: h, Bytes: 1_000_000_000_000 + int64(len(s.Files))*5_000_000_000})
		if a.IsAdmin() {
			s.Deliveries = append(s.Deliveries, ports.DeliveryHour{Hour: h, OK: 4 * n, Failed: n % 11, FirstTry: 4*n - n%5, Answers: domain.Latencies{{Took: time.Duration(20+n) * time.Millisecond, Times: 4 * n}, {Took: time.Second, Times: n % 11}}})
			s.Queue = append(s.Queue, ports.QueueHour{Hour: h, Pending: n / 3})
		}
	}
	s.Attention = []usecase.Attention{
		{Kind: usecase.EndpointFailing, Title: d.files[0].OriginalFilename + " gateway is failing", Text: "Last success 2 d ago.", URL: "/app/endpoints/", Verb: "Open endpoint"},
		{Kind: usecase.EndpointDisabled, Title: "Old ERP is disabled", Text: "It answered 410.", URL: "/app/endpoints/", Verb: "Open endpoint"},
		{Kind: usecase.FilesExpiring, Title: "38 files expire within the hour", Text: "Nobody has marked them processed.", URL: "/app/files/?status=stored&expiring=1", Verb: "Review"},
	}
	if a.IsAdmin() {
		s.Totals.Deliveries, s.Totals.Failures, s.Totals.FirstOK = 11204, 431, 10767
		s.Totals.Answers = domain.Latencies{{Took: 40 * time.Millisecond, Times: 11204}, {Took: time.Second, Times: 431}}
		s.Endpoints = d.endpoints
	}
	return s, nil
}

func (d fakeDashboard) Pulse(context.Context, domain.Actor) (*usecase.Pulse, error) {
	return &usecase.Pulse{Attention: len(d.files), EndpointBad: len(d.endpoints) > 0, StoredBytes: 1_840_000_000_000}, nil
}

func (e fakeEndpoints) List(_ context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[usecase.EndpointHealth], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[usecase.EndpointHealth]{}, err
	}
	return pageOf(e.world, q, e.endpoints), nil
}

func (e fakeEndpoints) Find(_ context.Context, _ domain.Actor, id uuid.UUID) (*usecase.EndpointDetail, error) {
	for _, ep := range e.endpoints {
		if ep.Endpoint.ID == id {
			return &usecase.EndpointDetail{EndpointHealth: ep, Counts: map[domain.DeliveryStatus]int{domain.DeliveryPending: ep.Health.Pending, domain.DeliveryDelivered: ep.Health.Delivered, domain.DeliveryFailed: 8}, History: history(ep.Endpoint.Name)}, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such endpoint.")
}

func (e fakeEndpoints) Create(_ context.Context, _ domain.Actor, f domain.EndpointForm) (*domain.Endpoint, string, error) {
	ep, err := domain.NewEndpoint(id(700), f, false, nil, e.now)
	if err != nil {
		return nil, "", err
	}
	e.world.endpoints = append(e.world.endpoints, usecase.EndpointHealth{Endpoint: ep})
	return ep, secretText, nil
}

func (e fakeEndpoints) Update(_ context.Context, _ domain.Actor, id uuid.UUID, f domain.EndpointForm) (*domain.Endpoint, error) {
	return domain.NewEndpoint(id, f, false, nil, e.now)
}

func (e fakeEndpoints) SetActive(_ context.Context, _ domain.Actor, id uuid.UUID, active bool) (*domain.Endpoint, error) {
	return &domain.Endpoint{ID: id, Active: active}, nil
}

func (e fakeEndpoints) Delete(context.Context, domain.Actor, uuid.UUID) error { return nil }

func (e fakeEndpoints) Reveal(context.Context, domain.Actor, uuid.UUID, uuid.UUID) (string, error) {
	return secretText, nil
}

func (e fakeEndpoints) Rotate(_ context.Context, _ domain.Actor, _ uuid.UUID, kind domain.SecretKind, overlap time.Duration) (domain.EndpointSecret, string, error) {
	made := domain.EndpointSecret{ID: id(301), Kind: kind, CreatedAt: e.now}
	ep := *e.endpoints[0].Endpoint
	return made, secretText, ep.AddSecret(made, overlap, e.now)
}

func (e fakeEndpoints) Retire(_ context.Context, _ domain.Actor, _, secret uuid.UUID) error {
	ep := *e.endpoints[0].Endpoint
	return ep.RetireSecret(secret, e.now)
}

func (e fakeEndpoints) SetClientCert(_ context.Context, _ domain.Actor, _ uuid.UUID, cert, key string) (*domain.ClientCert, error) {
	c, _, err := domain.ParseClientCert(cert, key, e.now)
	return c, err
}

func (e fakeEndpoints) RemoveClientCert(context.Context, domain.Actor, uuid.UUID) error { return nil }

func (e fakeEndpoints) Preview(_ context.Context, _ domain.Actor, f domain.EndpointForm) (usecase.FilterPreview, error) {
	f.URL = "https://preview.invalid"
	_, err := domain.NewEndpoint(id(701), f, false, nil, e.now)
	return usecase.FilterPreview{Matched: e.events[:min(2, len(e.events))], Of: len(e.events)}, err
}

func (e fakeEndpoints) Test(context.Context, domain.Actor, uuid.UUID) (*usecase.DeliveryDetail, error) {
	return &usecase.DeliveryDetail{Delivery: e.deliveries[0], Endpoint: e.endpoints[0].Endpoint, Attempts: e.attempts[:1]}, nil
}

func (e fakeEndpoints) Sample(_ context.Context, _ domain.Actor, _ uuid.UUID, t domain.EventType, data []byte) (*usecase.DeliveryDetail, error) {
	_, err := domain.NewSample(e.endpoints[0].Endpoint, t, data, id(901), e.now)
	return &usecase.DeliveryDetail{Delivery: e.deliveries[0]}, err
}

func (d fakeDeliveries) Stuck(context.Context, domain.Actor) (*usecase.Stuck, error) {
	out := &usecase.Stuck{Oldest: d.deliveries}
	for i, ep := range d.endpoints {
		out.Backlogs = append(out.Backlogs, ports.Backlog{EndpointID: ep.Endpoint.ID, Name: ep.Endpoint.Name, Active: i%2 == 0, Pending: 10_000 >> i, Oldest: d.now.Add(-time.Hour), Next: d.now.Add(time.Minute)})
	}
	return out, nil
}

func (d fakeDeliveries) List(_ context.Context, _ domain.Actor, q ports.ListQuery) (ports.Page[*domain.Delivery], error) {
	return pageOf(d.world, q, d.deliveries), nil
}

func (d fakeDeliveries) Find(_ context.Context, _ domain.Actor, id uuid.UUID) (*usecase.DeliveryDetail, error) {
	for _, del := range d.deliveries {
		if del.ID == id {
			out := &usecase.DeliveryDetail{Delivery: del, Event: d.events[0], Endpoint: d.endpoints[0].Endpoint, Body: d.events[0].Payload, Schedule: domain.DefaultRetrySchedule}
			out.Attempts = d.attempts[max(0, len(d.attempts)-del.AttemptsMade):]
			return out, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such delivery.")
}

func (d fakeDeliveries) Redeliver(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	if len(ids) == 1 && ids[0] == id(666) {
		return 0, domain.Errorf(domain.Conflict, "This delivery is being sent right now. Look again in a moment.")
	}
	return len(ids), nil
}

func (d fakeDeliveries) ListEvents(_ context.Context, _ domain.Actor, q ports.ListQuery) (ports.Page[*domain.Event], error) {
	return pageOf(d.world, q, d.events), nil
}

func (d fakeDeliveries) FindEvent(_ context.Context, _ domain.Actor, id uuid.UUID) (*usecase.EventDetail, error) {
	for _, e := range d.events {
		if e.ID == id {
			return &usecase.EventDetail{Event: e, Deliveries: d.deliveries}, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such event.")
}

func (d fakeDeliveries) RetryEvents(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	return len(ids), nil
}

func (d fakeDeliveries) RetryEndpoint(context.Context, domain.Actor, uuid.UUID) (int, error) {
	return 3, nil
}

func (d fakeDeliveries) Cancel(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	return len(ids), nil
}

type fakeReplays struct{ *world }

var _ usecase.Replays = fakeReplays{}

func (r fakeReplays) List(_ context.Context, _ domain.Actor, q ports.ListQuery) (ports.Page[*domain.Replay], error) {
	return pageOf(r.world, q, r.replays), nil
}

func (r fakeReplays) Find(_ context.Context, _ domain.Actor, id uuid.UUID) (*domain.Replay, error) {
	for _, p := range r.replays {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such replay.")
}

func (r fakeReplays) Preview(_ context.Context, _ domain.Actor, endpoint uuid.UUID, f domain.ReplayForm) (*usecase.ReplayPreview, error) {
	p, err := r.Start(context.Background(), domain.Actor{}, endpoint, f)
	return &usecase.ReplayPreview{Replay: p, Events: 12_345, Sends: 1_201, Capped: true, Examples: r.events}, err
}

func (r fakeReplays) Start(_ context.Context, _ domain.Actor, _ uuid.UUID, f domain.ReplayForm) (*domain.Replay, error) {
	return domain.NewReplay(id(900), r.endpoints[0].Endpoint, f, nil, r.now)
}

func (r fakeReplays) EnableAndReplay(context.Context, domain.Actor, uuid.UUID) (*domain.Replay, error) {
	return r.replays[0], nil
}

func (r fakeReplays) Cancel(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Replay, error) {
	return r.Find(ctx, a, id)
}

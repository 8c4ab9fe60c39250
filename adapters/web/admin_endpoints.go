package web

import (
	"context"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// endpointDetail is an endpoint with the newest of what is owed to it.
type endpointDetail struct {
	*usecase.EndpointDetail
	newest []*domain.Delivery
}

func (s *site) findReceiver(ctx context.Context, a domain.Actor, id uuid.UUID) (d endpointDetail, err error) {
	if d.EndpointDetail, err = s.Endpoints.Find(ctx, a, id); err != nil {
		return d, err
	}
	page, err := s.Deliveries.List(ctx, a, ports.ListQuery{Filters: map[string][]string{"endpoint": {id.String()}}, Limit: newestFew})
	d.newest = page.Items
	return d, err
}

// receivers are the endpoints; they are edited on their own pages.
func (s *site) receivers() *admin.Resource[endpointRow, endpointDetail] {
	l := forAdmins(s, s.endpointsList(), "/admin/endpoints/", usecase.KindEndpoints, "active")
	l.Banner, l.Actions = nil, s.endpointBulk()
	return &admin.Resource[endpointRow, endpointDetail]{
		List: l, Icon: "webhook", About: "Who is told. What failed too long is switched off, and on again here.", Object: "endpoint",
		Find:  s.findReceiver,
		ID:    func(d endpointDetail) uuid.UUID { return d.Endpoint.ID },
		Title: func(d endpointDetail) string { return d.Endpoint.Name },
		State: func(d endpointDetail, _ list.Env) list.Cell {
			return list.Pill(endpointState(d.EndpointHealth), stateWord(d.EndpointHealth), "")
		},
		Meta: func(d endpointDetail, _ list.Env) []string {
			return []string{bareURL(d.Endpoint.URL), wants(d.Endpoint)}
		},
		Warn: func(d endpointDetail, _ list.Env) *list.Banner {
			if d.Endpoint.Active || d.Endpoint.DisabledReason == "" {
				return nil
			}
			return &list.Banner{State: "disabled", Icon: "power-off", Strong: "Switched off.", Text: d.Endpoint.DisabledReason}
		},
		Facts: endpointFacts(),
		Inlines: []admin.Inline[endpointDetail]{{
			Title: "Newest deliveries", Empty: "Nothing was owed to it yet.",
			Table: func(d endpointDetail, e list.Env) *list.View {
				return s.deliveriesList().Table(d.newest, e, "subject", "type", "status", "tries", "answer", "when")
			},
			More: func(d endpointDetail) (string, string) {
				return "All of them", "/admin/deliveries/?endpoint=" + d.Endpoint.ID.String()
			},
		}},
		Actions: s.endpointActions(),
		Delete: &admin.Delete[endpointDetail]{
			Goes: func(d endpointDetail) []admin.Consequence {
				var out []admin.Consequence
				for _, st := range domain.DeliveryStatuses {
					if n := d.Counts[st]; n > 0 {
						out = append(out, admin.Consequence{Count: capped(n), Text: string(st) + " deliveries, with their attempts"})
					}
				}
				return append(out, admin.Consequence{Count: groupInt(len(d.Endpoint.Secrets)), Text: "signing secrets"})
			},
			Stays:   "Files and events stay, and so does what the audit log tells.",
			Instead: func(endpointDetail) string { return "To stop sending for now, switch it off instead." },
			Sure:    func(d endpointDetail) string { return d.Endpoint.Name },
			Run: func(ctx context.Context, a domain.Actor, id uuid.UUID) (string, error) {
				return "Endpoint deleted with its deliveries.", s.Endpoints.Delete(ctx, a, id)
			},
		},
		View: func(d endpointDetail) string { return "/app/endpoints/" + d.Endpoint.ID.String() + "/" },
	}
}

func (s *site) endpointBulk() []list.Action {
	set := func(on bool, done string) func(context.Context, domain.Actor, []uuid.UUID) (string, error) {
		return func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
			n, err := each(ids, func(id uuid.UUID) error {
				_, err := s.Endpoints.SetActive(ctx, a, id, on)
				return err
			})
			return counted(n, "endpoint") + " " + done + restOf(n, len(ids), "could not be"), err
		}
	}
	return []list.Action{
		{Name: "on", Label: "Switch on", Icon: "power", Run: set(true, "switched on")},
		{
			Name: "off", Label: "Switch off…", Icon: "power-off", Verb: "Switch off", Danger: true, Keep: "Leave them on",
			Confirm: "What waits for them is cancelled, and they hear of nothing until they are on again.", Run: set(false, "switched off"),
		},
	}
}

func (s *site) endpointActions() []admin.Action[endpointDetail] {
	return []admin.Action[endpointDetail]{
		{
			Name: "on", Label: "Switch on…", Icon: "power", Do: "Switch on", Keep: "Leave it off",
			Title: func(d endpointDetail) string { return "Switch " + d.Endpoint.Name + " on again?" },
			Text: func(endpointDetail) string {
				return "It hears of everything from now on. What it missed can be replayed on its page."
			},
			When: func(d endpointDetail) bool { return !d.Endpoint.Active },
			Run: func(ctx context.Context, a domain.Actor, d endpointDetail) (admin.Done, error) {
				_, err := s.Endpoints.SetActive(ctx, a, d.Endpoint.ID, true)
				return admin.Done{Text: "Switched on. It hears of everything from now on."}, err
			},
		},
		{
			Name: "off", Label: "Switch off…", Icon: "power-off", Danger: true, Do: "Switch off", Keep: "Leave it on",
			Title: func(d endpointDetail) string { return "Switch " + d.Endpoint.Name + " off?" },
			Text:  func(endpointDetail) string { return "What waits for it is cancelled." },
			When:  func(d endpointDetail) bool { return d.Endpoint.Active },
			Run: func(ctx context.Context, a domain.Actor, d endpointDetail) (admin.Done, error) {
				_, err := s.Endpoints.SetActive(ctx, a, d.Endpoint.ID, false)
				return admin.Done{Text: "Switched off. What was waiting is cancelled."}, err
			},
		},
	}
}

func endpointFacts() []admin.Fact[endpointDetail] {
	return []admin.Fact[endpointDetail]{
		{Label: "Address", Cell: func(d endpointDetail, _ list.Env) list.Cell { return list.Text(d.Endpoint.URL) }},
		{Label: "Gets", Cell: func(d endpointDetail, _ list.Env) list.Cell { return list.Text(wants(d.Endpoint)) }},
		{Label: "Waiting", Cell: func(d endpointDetail, _ list.Env) list.Cell {
			return list.Link(capped(d.Counts[domain.DeliveryPending]), "/admin/deliveries/?status=pending&endpoint="+d.Endpoint.ID.String())
		}},
		{Label: "Failed", Cell: func(d endpointDetail, _ list.Env) list.Cell {
			return list.Link(capped(d.Counts[domain.DeliveryFailed]), "/admin/deliveries/?status=failed&endpoint="+d.Endpoint.ID.String())
		}},
		{Label: "Last success", Cell: func(d endpointDetail, _ list.Env) list.Cell { return list.Time(d.Endpoint.LastSuccessAt) }},
		{Label: "Failing since", Cell: func(d endpointDetail, _ list.Env) list.Cell { return list.Time(d.Endpoint.FailingSince) }},
		{Label: "Created", Cell: func(d endpointDetail, _ list.Env) list.Cell { return list.Time(&d.Endpoint.CreatedAt) }},
		{Label: "Changed", Cell: func(d endpointDetail, _ list.Env) list.Cell { return list.Time(&d.Endpoint.UpdatedAt) }},
		{Label: "Id", Cell: func(d endpointDetail, _ list.Env) list.Cell {
			return list.ID(d.Endpoint.ID.String(), "", "endpoint id")
		}},
	}
}

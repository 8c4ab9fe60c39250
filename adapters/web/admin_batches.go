package web

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// batchDetail is a batch with the newest of its files.
type batchDetail struct {
	*domain.Batch
	newest ports.Page[*domain.File]
}

// newestFew is how many rows that belong to something its page shows.
const newestFew = 10

// allBatches are what was handed in together.
func (s *site) allBatches() *admin.Resource[*domain.Batch, batchDetail] {
	l := forAdmins(s, s.batchesList(), "/admin/batches/", usecase.KindBatches, "status", "creator")
	l.Actions = []list.Action{{
		Name: "finalise", Label: "Finalise…", Icon: "lock", Verb: "Finalise", Keep: "Leave them open",
		Confirm: "They take no more files, and receivers hear of each as soon as all its files are here.",
		Run: func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
			n, err := each(ids, func(id uuid.UUID) error {
				_, err := s.Uploads.FinaliseBatch(ctx, a, id)
				return err
			})
			return counted(n, "batch") + " finalised" + restOf(n, len(ids), "could not be"), err
		},
	}}
	return &admin.Resource[*domain.Batch, batchDetail]{
		List: l, Icon: "layers", About: "What was handed in together: its name, and whether it takes more files.", Object: "batch",
		Find:  s.findBatch,
		ID:    func(d batchDetail) uuid.UUID { return d.ID },
		Title: func(d batchDetail) string { return batchTitle(d.Batch) },
		State: func(d batchDetail, _ list.Env) list.Cell { return list.Pill(string(d.Status), "", "") },
		Meta: func(d batchDetail, _ list.Env) []string {
			return []string{counted(d.Counts.Files, "file"), domain.FormatBytes(d.Counts.Bytes)}
		},
		Form: &admin.Form[batchDetail]{
			Sections: []admin.Section[batchDetail]{{Title: "Batch", Text: "What people call it.", Fields: []admin.Field[batchDetail]{{
				Name: "label", Label: "Label", Hint: "Left empty, it is named by when it was made.", Autocomplete: "off", Wide: true,
				Value: func(d batchDetail) string { return d.Label },
			}}}},
			Save: func(ctx context.Context, a domain.Actor, id uuid.UUID, v url.Values, seen time.Time) error {
				_, err := s.Labels.RenameBatch(ctx, a, id, v.Get("label"), seen)
				return err
			},
			Version: func(d batchDetail) time.Time { return d.UpdatedAt },
		},
		Facts: batchFacts(),
		Inlines: []admin.Inline[batchDetail]{{
			Title: "Newest files", Empty: "No file has come in yet.",
			Table: func(d batchDetail, e list.Env) *list.View {
				return s.filesList().Table(d.newest.Items, e, "name", "status", "size", "created")
			},
			More: func(d batchDetail) (string, string) {
				return "All " + cappedAt(d.newest.Total, d.newest.Capped), "/admin/files/?batch=" + d.ID.String()
			},
		}},
		Actions: []admin.Action[batchDetail]{{
			Name: "finalise", Label: "Finalise…", Icon: "lock", Do: "Finalise", Keep: "Leave it open",
			Title: func(d batchDetail) string { return "Finalise " + batchTitle(d.Batch) + "?" },
			Text: func(batchDetail) string {
				return "It takes no more files, and receivers hear of it as soon as all its files are here."
			},
			When: func(d batchDetail) bool { return d.SealedAt == nil },
			Run: func(ctx context.Context, a domain.Actor, d batchDetail) (admin.Done, error) {
				_, err := s.Uploads.FinaliseBatch(ctx, a, d.ID)
				return admin.Done{Text: "Finalised. It takes no more files."}, err
			},
		}},
		View: func(d batchDetail) string { return "/app/batches/" + d.ID.String() + "/" },
	}
}

func (s *site) findBatch(ctx context.Context, a domain.Actor, id uuid.UUID) (d batchDetail, err error) {
	if d.Batch, err = s.Batches.Find(ctx, a, id); err != nil {
		return d, err
	}
	d.newest, err = s.Files.List(ctx, a, ports.ListQuery{Filters: map[string][]string{"batch": {id.String()}}, Limit: newestFew})
	return d, err
}

func batchFacts() []admin.Fact[batchDetail] {
	return []admin.Fact[batchDetail]{
		{Label: "Made by", Cell: func(d batchDetail, _ list.Env) list.Cell {
			if d.CreatedBy == nil {
				return list.Faint("nobody any more")
			}
			return list.Link(d.CreatorName, "/admin/users/"+d.CreatedBy.String()+"/")
		}},
		{Label: "Arrived", Cell: func(d batchDetail, _ list.Env) list.Cell {
			return list.Meter(meterState(d.Batch), d.Counts.Stored, d.Counts.Files, groupInt(d.Counts.Stored)+" of "+counted(d.Counts.Files, "file")+" are here")
		}},
		{Label: "Failed", Cell: func(d batchDetail, _ list.Env) list.Cell {
			if d.Counts.Failed == 0 {
				return list.Faint("0")
			}
			return list.Link(groupInt(d.Counts.Failed), "/admin/files/?status=failed&batch="+d.ID.String())
		}},
		{Label: "Finalised", Cell: func(d batchDetail, _ list.Env) list.Cell { return list.Time(d.SealedAt) }},
		{Label: "Made", Cell: func(d batchDetail, _ list.Env) list.Cell { return list.Time(&d.CreatedAt) }},
		{Label: "Changed", Cell: func(d batchDetail, _ list.Env) list.Cell { return list.Time(&d.UpdatedAt) }},
		{Label: "Id", Cell: func(d batchDetail, _ list.Env) list.Cell { return list.ID(d.ID.String(), "", "batch id") }},
	}
}

package web

import (
	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports/usecase"
)

// userInlines are what belongs to an account.
func (s *site) userInlines() []admin.Inline[*usecase.AccountDetail] {
	return []admin.Inline[*usecase.AccountDetail]{
		{
			Title: "Signed-in browsers", Empty: "No browser is signed in.",
			Table: func(d *usecase.AccountDetail, e list.Env) *list.View {
				return browsersList().Table(d.Sessions, e, "agent", "ip", "seen", "expires")
			},
		},
		{
			Title: "API tokens that work", Empty: "No token works.",
			Table: func(d *usecase.AccountDetail, e list.Env) *list.View {
				return s.tokensList().Table(d.Tokens.Items, e, "name", "scopes", "used", "expires")
			},
			More: func(d *usecase.AccountDetail) (string, string) {
				return "All tokens", "/app/tokens/?owner=" + d.User.ID.String()
			},
		},
		{
			Title: "Newest files", Empty: "No file handed in yet.",
			Table: func(d *usecase.AccountDetail, e list.Env) *list.View {
				return s.filesList().Table(d.Files.Items, e, "name", "status", "size", "created")
			},
			More: func(d *usecase.AccountDetail) (string, string) {
				return "All " + cappedAt(d.Files.Total, d.Files.Capped), "/app/files/?owner=" + d.User.ID.String()
			},
		},
		{
			Title: "Newest batches", Empty: "No batch made yet.",
			Table: func(d *usecase.AccountDetail, e list.Env) *list.View {
				return s.batchesList().Table(d.Batches.Items, e, "label", "status", "progress")
			},
			More: func(d *usecase.AccountDetail) (string, string) {
				return "All " + cappedAt(d.Batches.Total, d.Batches.Capped), "/app/batches/?creator=" + d.User.ID.String()
			},
		},
	}
}

// browsersList is the columns of signed-in browsers; they have no list of their
// own.
func browsersList() *list.Resource[*domain.WebSession] {
	return &list.Resource[*domain.WebSession]{
		Name: "browsers", Title: "Signed-in browsers", One: "browser", Many: "browsers",
		ID:    func(w *domain.WebSession) uuid.UUID { return w.ID },
		Label: func(w *domain.WebSession) string { return w.UserAgent },
		Columns: []list.Column[*domain.WebSession]{
			{Key: "agent", Label: "Browser", Class: "grow", Cell: func(w *domain.WebSession, _ list.Env) list.Cell {
				if w.UserAgent == "" {
					return list.Faint("unknown")
				}
				return list.Text(w.UserAgent)
			}},
			{Key: "ip", Label: "From", Class: "dim", Cell: func(w *domain.WebSession, _ list.Env) list.Cell {
				if w.IP == "" {
					return list.Faint("unknown")
				}
				return list.Code(w.IP)
			}},
			{Key: "seen", Label: "Last seen", Class: "num dim", CardLabel: "seen", Cell: func(w *domain.WebSession, _ list.Env) list.Cell { return list.Time(&w.LastSeenAt) }},
			{Key: "expires", Label: "Ends", Class: "num dim end", CardLabel: "ends", Cell: func(w *domain.WebSession, _ list.Env) list.Cell { return list.Time(&w.ExpiresAt) }},
		},
	}
}

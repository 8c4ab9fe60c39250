package web

import (
	"context"
	"net/url"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

const invitationsPath = "/admin/invitations/"

func (s *site) invitations() *admin.Resource[*domain.Invitation, *domain.Invitation] {
	type row = *domain.Invitation
	return &admin.Resource[row, row]{
		List: s.invitationsList(), Icon: "door-open", Nav: "invitations", About: "Links with which people make their own accounts.", Object: "invitation",
		SecretTitle: "Link for the person invited",
		Find:        s.Invitations.Find,
		ID:          func(i row) uuid.UUID { return i.ID },
		Title:       func(i row) string { return i.Email },
		State:       func(i row, e list.Env) list.Cell { return invitationPill(i, e) },
		Meta:        func(i row, _ list.Env) []string { return []string{"as " + roleWord(i.Role), "by " + i.InviterName} },
		Form: &admin.Form[row]{
			AddText: "Invite", Add: s.invite,
			Sections: []admin.Section[row]{{Title: "Person", Text: "The link is shown once, to you. It works for a week, and once; hand it on by a safe way.", Fields: []admin.Field[row]{
				{Name: "email", Label: "Address", Widget: admin.Email, Required: true, Autocomplete: "off", Hint: "They sign in with it. Nothing is sent there."},
				{
					Name: "role", Label: "Role", Widget: admin.Select, Default: "staff", Hint: "Staff see their own files; admins see and do everything.",
					Choices: []list.Option{{Value: "staff", Label: "Staff"}, {Value: "admin", Label: "Admin"}},
				},
			}}},
		},
		Facts: []admin.Fact[row]{
			{Label: "Role", Cell: func(i row, _ list.Env) list.Cell { return list.Tag(roleWord(i.Role)) }},
			{Label: "Made", Cell: func(i row, _ list.Env) list.Cell { return list.Time(&i.CreatedAt) }},
			{Label: "Works until", Cell: func(i row, _ list.Env) list.Cell { return list.Time(&i.ExpiresAt) }},
			{Label: "Accepted", Cell: func(i row, _ list.Env) list.Cell { return list.Time(i.AcceptedAt) }},
			{Label: "Account", Cell: func(i row, _ list.Env) list.Cell {
				if i.UserID == nil {
					return list.Faint("none")
				}
				return list.Link(i.Email, "/admin/users/"+i.UserID.String()+"/")
			}},
			{Label: "Id", Cell: func(i row, _ list.Env) list.Cell { return list.ID(i.ID.String(), "", "invitation id") }},
		},
		Actions: []admin.Action[row]{{
			Name: "revoke", Label: "Take back…", Icon: "ban", Danger: true, Do: "Take it back", Keep: "Leave it",
			Title: func(i row) string { return "Take the invitation of " + i.Email + " back?" },
			Text:  func(row) string { return "Its link stops working at once. You may invite them again." },
			When: func(i row) bool {
				return i.State(s.Clock.Now()) == domain.InvitationOpen
			},
			Run: func(ctx context.Context, a domain.Actor, i row) (admin.Done, error) {
				_, err := s.Invitations.Revoke(ctx, a, idsOf(i.ID))
				return admin.Done{Text: "Invitation taken back."}, err
			},
		}},
	}
}

func (s *site) invite(ctx context.Context, a domain.Actor, v url.Values) (admin.Made, error) {
	i, token, err := s.Invitations.Invite(ctx, a, v.Get("email"), domain.Role(v.Get("role")))
	if err != nil {
		return admin.Made{}, err
	}
	return admin.Made{ID: i.ID, Text: i.Email + " is invited.", Secret: s.BaseURL + "/join/" + token}, nil
}

func (s *site) invitationsList() *list.Resource[*domain.Invitation] {
	return &list.Resource[*domain.Invitation]{
		Name: "invitations", Title: "Invitations", One: "invitation", Many: "invitations", Path: invitationsPath, AdminOnly: true,
		SearchHint: "Address or id", Exports: true,
		Filters: []list.Filter{{Key: "state", Label: "State", Icon: "circle-dot", Many: true, Options: []list.Option{
			{Value: "open", Label: "Open"}, {Value: "accepted", Label: "Accepted"}, {Value: "expired", Label: "Expired"}, {Value: "revoked", Label: "Taken back"},
		}}},
		Columns: []list.Column[*domain.Invitation]{
			{Key: "email", Label: "Address", Class: "grow", Cell: func(i *domain.Invitation, _ list.Env) list.Cell {
				return list.Link(i.Email, invitationsPath+i.ID.String()+"/")
			}},
			{Key: "role", Label: "Role", Cell: func(i *domain.Invitation, _ list.Env) list.Cell { return list.Tag(roleWord(i.Role)) }},
			{Key: "by", Label: "Invited by", Class: "dim max-w-40 truncate", Cell: func(i *domain.Invitation, _ list.Env) list.Cell { return list.Text(i.InviterName) }},
			{Key: "state", Label: "State", Cell: func(i *domain.Invitation, e list.Env) list.Cell { return invitationPill(i, e) }},
			{Key: "expires", Label: "Works until", Class: "num dim", CardLabel: "until", Cell: func(i *domain.Invitation, _ list.Env) list.Cell { return list.Time(&i.ExpiresAt) }},
			{Key: "created", Label: "Made", Class: "num dim end", Cell: func(i *domain.Invitation, _ list.Env) list.Cell { return list.Time(&i.CreatedAt) }},
		},
		Source:  s.Invitations.List,
		ID:      func(i *domain.Invitation) uuid.UUID { return i.ID },
		Label:   func(i *domain.Invitation) string { return i.Email },
		Cursor:  func(i *domain.Invitation) ports.Cursor { return ports.Cursor{At: i.CreatedAt, ID: i.ID} },
		Note:    "newest first",
		Buttons: []list.Button{{Label: "Invite", Icon: "plus", URL: invitationsPath + "add/", Primary: true}},
		Actions: []list.Action{{
			Name: "revoke", Label: "Take back…", Icon: "ban", Verb: "Take back", Danger: true, Keep: "Leave them",
			Confirm: "Their links stop working at once. Those that were accepted or are over stay as they are.",
			Run: func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
				n, err := s.Invitations.Revoke(ctx, a, ids)
				return counted(n, "invitation") + " taken back.", err
			},
		}},
		Empty: list.Empty{Art: "door", Title: "Nobody is invited", Text: "Whom you invite chooses a name and a password by a link of their own.", URL: invitationsPath + "add/", URLText: "Invite", Icon: "plus"},
	}
}

func invitationPill(i *domain.Invitation, e list.Env) list.Cell {
	switch i.State(e.Now) {
	case domain.InvitationAccepted:
		return list.Pill("active", "Accepted", "check")
	case domain.InvitationRevoked:
		return list.Pill("cancelled", "Taken back", "")
	case domain.InvitationExpired:
		return list.Pill("disabled", "Expired", "hourglass")
	}
	return list.Pill("pending", "Open", "")
}

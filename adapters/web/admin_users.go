package web

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

func (s *site) users() *admin.Resource[*domain.User, *usecase.AccountDetail] {
	name := func(d *usecase.AccountDetail) string { return d.User.Name }
	return &admin.Resource[*domain.User, *usecase.AccountDetail]{
		List: s.usersList(), Icon: "users", Nav: "users", About: "Who may come in, as what, and from which browsers they did.", Object: "user",
		Find:  s.Accounts.Find,
		ID:    func(d *usecase.AccountDetail) uuid.UUID { return d.User.ID },
		Title: name,
		State: func(d *usecase.AccountDetail, _ list.Env) list.Cell { return userPill(d.User) },
		Meta: func(d *usecase.AccountDetail, _ list.Env) []string {
			return []string{roleWord(d.User.Role), d.User.Email}
		},
		Form: &admin.Form[*usecase.AccountDetail]{
			Sections: userSections(), AddText: "Add user", Add: s.addUser, Save: s.saveUser,
			Version: func(d *usecase.AccountDetail) time.Time { return d.User.UpdatedAt },
		},
		Facts: []admin.Fact[*usecase.AccountDetail]{
			{Label: "Signed in", Cell: func(d *usecase.AccountDetail, _ list.Env) list.Cell { return list.Time(d.User.LastLoginAt) }},
			{Label: "Keeps", Cell: func(d *usecase.AccountDetail, _ list.Env) list.Cell { return usageCell(d.Usage) }},
			{Label: "Second factor", Cell: func(d *usecase.AccountDetail, _ list.Env) list.Cell {
				if !d.SecondFactor {
					return list.Faint("off")
				}
				return list.Text("on")
			}},
			{Label: "Made", Cell: func(d *usecase.AccountDetail, _ list.Env) list.Cell { return list.Time(&d.User.CreatedAt) }},
			{Label: "Changed", Cell: func(d *usecase.AccountDetail, _ list.Env) list.Cell { return list.Time(&d.User.UpdatedAt) }},
			{Label: "Id", Cell: func(d *usecase.AccountDetail, _ list.Env) list.Cell {
				return list.ID(d.User.ID.String(), "", "user id")
			}},
		},
		Inlines: s.userInlines(),
		Actions: s.userActions(),
		Delete: &admin.Delete[*usecase.AccountDetail]{
			Goes: func(d *usecase.AccountDetail) []admin.Consequence {
				return []admin.Consequence{
					{Count: groupInt(len(d.Sessions)), Text: "browsers that are signed in"},
					{Count: cappedAt(d.Tokens.Total, d.Tokens.Capped), Text: "API tokens that work; those that ended go too"},
				}
			},
			Stays: "Files and batches stay and are nobody's; so does what the audit log tells.",
			Instead: func(*usecase.AccountDetail) string {
				return "To keep the name on them, switch the account off instead."
			},
			Sure: func(d *usecase.AccountDetail) string { return d.User.Email },
			Refuse: func(a domain.Actor, d *usecase.AccountDetail) *domain.Error {
				if a.UserID == d.User.ID {
					return domain.Errorf(domain.Conflict, "This is your own account. Ask another admin to delete it.")
				}
				return nil
			},
			Run: func(ctx context.Context, a domain.Actor, id uuid.UUID) (string, error) {
				_, err := s.Accounts.Delete(ctx, a, []uuid.UUID{id})
				return "User deleted. Their files are still here.", err
			},
		},
	}
}

func (s *site) usersList() *list.Resource[*domain.User] {
	return &list.Resource[*domain.User]{
		Name: "users", Title: "Users", One: "user", Many: "users", Path: "/admin/users/", AdminOnly: true,
		SearchHint: "Name, address or id", SelectAll: true, Exports: true,
		Filters: []list.Filter{
			{Key: "role", Label: "Role", Icon: "shield", Many: true, Counted: true, Options: []list.Option{{Value: "admin", Label: "Admin"}, {Value: "staff", Label: "Staff"}}},
			{Key: "active", Label: "State", Icon: "circle-dot", Counted: true, Options: []list.Option{
				{Value: "true", Label: "Active", State: "active"}, {Value: "false", Label: "Switched off", State: "disabled"},
			}},
		},
		Columns: []list.Column[*domain.User]{
			{Key: "name", Label: "Name", Class: "grow", Cell: func(u *domain.User, _ list.Env) list.Cell {
				return list.Link(u.Name, "/admin/users/"+u.ID.String()+"/")
			}},
			{Key: "email", Label: "Address", Class: "dim max-w-64 truncate", Cell: func(u *domain.User, _ list.Env) list.Cell { return list.Text(u.Email) }},
			{Key: "role", Label: "Role", Cell: func(u *domain.User, _ list.Env) list.Cell { return list.Tag(roleWord(u.Role)) }},
			{Key: "state", Label: "State", Cell: func(u *domain.User, _ list.Env) list.Cell { return userPill(u) }},
			{Key: "signed_in", Label: "Signed in", Class: "num dim", CardLabel: "signed in", Cell: func(u *domain.User, _ list.Env) list.Cell {
				if u.LastLoginAt == nil {
					return list.Faint("not yet")
				}
				return list.Time(u.LastLoginAt)
			}},
			{Key: "created", Label: "Made", Class: "num dim end", Cell: func(u *domain.User, _ list.Env) list.Cell { return list.Time(&u.CreatedAt) }},
		},
		Source:  s.Accounts.List,
		Tally:   s.Accounts.Tally,
		ID:      func(u *domain.User) uuid.UUID { return u.ID },
		Label:   func(u *domain.User) string { return u.Name },
		Cursor:  func(u *domain.User) ports.Cursor { return ports.Cursor{At: u.CreatedAt, ID: u.ID} },
		Note:    "newest first",
		Buttons: []list.Button{{Label: "Invite", Icon: "door-open", URL: invitationsPath + "add/"}, {Label: "Add user", Icon: "plus", URL: "/admin/users/add/", Primary: true}},
		Actions: s.userBulk(),
		Empty:   list.Empty{Art: "door", Title: "Nobody yet", Text: "Add the people who hand in files, and those who look after them.", URL: "/admin/users/add/", URLText: "Add user", Icon: "plus"},
	}
}

func (s *site) userBulk() []list.Action {
	return []list.Action{
		{
			Name: "off", Label: "Switch off…", Icon: "power-off", Verb: "Switch off", Danger: true, Keep: "Leave them on",
			Confirm: "They are signed out everywhere and their tokens are refused until the account is on again. Their files stay.",
			Run: func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
				n, err := s.Accounts.Switch(ctx, a, ids, false)
				return counted(n, "user") + " switched off.", err
			},
		},
		{
			Name: "on", Label: "Switch on", Icon: "power",
			Run: func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
				n, err := s.Accounts.Switch(ctx, a, ids, true)
				return counted(n, "user") + " switched on.", err
			},
		},
		{
			Name: "sign-out", Label: "Revoke access…", Icon: "log-out", Verb: "Revoke access of", Danger: true, Keep: "Leave it",
			Confirm: "All their browsers are signed out and all their API tokens are revoked for good. They may sign in again with their password.",
			Run: func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
				ended, err := s.Accounts.EndAccess(ctx, a, ids)
				return endedWords(ended), err
			},
		},
	}
}

func endedWords(e usecase.AccessEnded) string {
	if e == (usecase.AccessEnded{}) {
		return "No browser was signed in and no token worked. Nothing to revoke."
	}
	return counted(e.Sessions, "session") + " and " + counted(e.Tokens, "token") + " revoked."
}

func (s *site) userActions() []admin.Action[*usecase.AccountDetail] {
	return []admin.Action[*usecase.AccountDetail]{
		{
			Name: "password", Label: "New password…", Icon: "key-round", Do: "Make a new password", Keep: "Keep the old one",
			Title: func(d *usecase.AccountDetail) string { return "Make a new password for " + d.User.Name + "?" },
			Text: func(*usecase.AccountDetail) string {
				return "The old one ends at once and all browsers are signed out. The new one is shown once, to you; hand it on by a safe way."
			},
			Run: func(ctx context.Context, a domain.Actor, d *usecase.AccountDetail) (admin.Done, error) {
				password, err := s.Accounts.ResetPassword(ctx, a, d.User.ID)
				return admin.Done{Text: "New password made.", Secret: password}, err
			},
		},
		{
			Name: "second-factor", Label: "Reset second factor…", Icon: "shield", Danger: true, Do: "Reset it", Keep: "Leave it on",
			Title: func(d *usecase.AccountDetail) string { return "Reset the second factor of " + d.User.Name + "?" },
			Text: func(*usecase.AccountDetail) string {
				return "Their app and their recovery codes end, and the password alone signs in until they set up another. Make sure that it is really them who asks."
			},
			When: func(d *usecase.AccountDetail) bool { return d.SecondFactor },
			Run: func(ctx context.Context, a domain.Actor, d *usecase.AccountDetail) (admin.Done, error) {
				return admin.Done{Text: "Second factor reset."}, s.Factor.Reset(ctx, a, d.User.ID)
			},
		},
		{
			Name: "revoke", Label: "Revoke access…", Icon: "log-out", Danger: true, Do: "Revoke access", Keep: "Leave it",
			Title: func(d *usecase.AccountDetail) string { return "Revoke the access of " + d.User.Name + "?" },
			Text: func(d *usecase.AccountDetail) string {
				return fmt.Sprintf("%s signed out, %s revoked for good. They may sign in again with their password; to keep them out, switch the account off.",
					counted(len(d.Sessions), "browser"), counted(d.Tokens.Total, "token"))
			},
			When: func(d *usecase.AccountDetail) bool { return len(d.Sessions) > 0 || d.Tokens.Total > 0 },
			Run: func(ctx context.Context, a domain.Actor, d *usecase.AccountDetail) (admin.Done, error) {
				ended, err := s.Accounts.EndAccess(ctx, a, []uuid.UUID{d.User.ID})
				return admin.Done{Text: endedWords(ended)}, err
			},
		},
	}
}

func userSections() []admin.Section[*usecase.AccountDetail] {
	return []admin.Section[*usecase.AccountDetail]{
		{Title: "Person", Text: "How they sign in, and what they are called here.", Fields: []admin.Field[*usecase.AccountDetail]{
			{Name: "name", Label: "Name", Hint: "Left empty, it is the address up to the @.", Autocomplete: "off", Value: func(d *usecase.AccountDetail) string { return d.User.Name }},
			{Name: "email", Label: "Address", Widget: admin.Email, Required: true, Autocomplete: "off", Value: func(d *usecase.AccountDetail) string { return d.User.Email }},
		}},
		{Title: "Rights", Text: "They count from the next request on.", Fields: []admin.Field[*usecase.AccountDetail]{
			{
				Name: "role", Label: "Role", Widget: admin.Select, Default: "staff", Hint: "Staff see their own files; admins see and do everything.",
				Choices: []list.Option{{Value: "staff", Label: "Staff"}, {Value: "admin", Label: "Admin"}},
				Value:   func(d *usecase.AccountDetail) string { return string(d.User.Role) },
			},
			{
				Name: "active", Label: "State", Widget: admin.Toggle, EditOnly: true, Choices: []list.Option{{Label: "Active, may sign in"}},
				Value: func(d *usecase.AccountDetail) string { return fmt.Sprint(d.User.Active) },
			},
		}},
		{Title: "Permissions", Text: "What staff may do with their own files. Admins may do everything.", Fields: permissionFields()},
		{Title: "Allowance", Text: "How much they may hand in. It counts from the next upload on; what is here stays.", Fields: []admin.Field[*usecase.AccountDetail]{
			{
				Name: "quota", Label: "Quota", Placeholder: "no limit", Hint: "How much their files may take together: 10 GB. Empty is no limit.",
				Value: func(d *usecase.AccountDetail) string { return quotaText(d.User.Allowance.Quota) },
			},
			{
				Name: "types", Label: "Allowed types", Placeholder: "as for everybody", Mono: true, Hint: "In place of the portal's: application/pdf, image/*. Empty is the portal's.",
				Value: func(d *usecase.AccountDetail) string { return strings.Join(d.User.Allowance.Types, ", ") },
			},
		}},
		{Title: "Password", Text: "Left empty, one is made and shown once.", Fields: []admin.Field[*usecase.AccountDetail]{
			{Name: "password", Label: "Password", Widget: admin.Secret, AddOnly: true, Autocomplete: "new-password", Hint: fmt.Sprintf("At least %d characters.", domain.MinPasswordLength)},
		}},
	}
}

func (s *site) addUser(ctx context.Context, a domain.Actor, v url.Values) (admin.Made, error) {
	f, err := userForm(v)
	if err != nil {
		return admin.Made{}, err
	}
	u, password, err := s.Accounts.Add(ctx, a, f, v.Get("password"))
	if err != nil {
		return admin.Made{}, err
	}
	return admin.Made{ID: u.ID, Text: u.Name + " may come in.", Secret: password}, nil
}

func (s *site) saveUser(ctx context.Context, a domain.Actor, id uuid.UUID, v url.Values, seen time.Time) error {
	f, err := userForm(v)
	if err != nil {
		return err
	}
	_, err = s.Accounts.Change(ctx, a, id, f, seen)
	return err
}

func permissionField(p domain.Permission) string { return "may_" + string(p) }

var permissionTexts = map[domain.Permission][2]string{
	domain.MayUpload:   {"Upload", "May hand in files and batches"},
	domain.MayDownload: {"Download", "May fetch files and see their links"},
	domain.MayDelete:   {"Delete", "May delete files, and keep them longer or shorter"},
	domain.MayProcess:  {"Process", "May mark files processed or failed"},
}

func permissionFields() []admin.Field[*usecase.AccountDetail] {
	out := make([]admin.Field[*usecase.AccountDetail], len(domain.Permissions))
	for i, p := range domain.Permissions {
		out[i] = admin.Field[*usecase.AccountDetail]{
			Name: permissionField(p), Label: permissionTexts[p][0], Widget: admin.Toggle, Default: "true", Choices: []list.Option{{Label: permissionTexts[p][1]}},
			Value: func(d *usecase.AccountDetail) string { return fmt.Sprint(!slices.Contains(d.User.Withheld, p)) },
		}
	}
	return out
}

// userForm reads the fields; Invalid on quota and types.
func userForm(v url.Values) (f domain.UserForm, err error) {
	f = domain.UserForm{Email: v.Get("email"), Name: v.Get("name"), Role: domain.Role(v.Get("role")), Active: v.Get("active") == "true"}
	if f.Allowance.Quota, err = domain.ParseBytes("quota", v.Get("quota")); err != nil {
		return f, err
	}
	for _, p := range domain.Permissions {
		if v.Get(permissionField(p)) != "true" {
			f.Withheld = append(f.Withheld, p)
		}
	}
	f.Allowance.Types, err = domain.ParseTypes("types", v.Get("types"))
	return f, err
}

func roleWord(r domain.Role) string {
	if r == domain.RoleAdmin {
		return "Admin"
	}
	return "Staff"
}

func userPill(u *domain.User) list.Cell {
	if u.Active {
		return list.Pill("active", "", "")
	}
	return list.Pill("disabled", "Switched off", "")
}

func cappedAt(n int, more bool) string {
	if more {
		return groupInt(n) + "+"
	}
	return groupInt(n)
}

package web

import (
	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

// audit is the audit log: read only, as it is append only.
func (s *site) audit() *admin.Resource[*domain.AuditEntry, *domain.AuditEntry] {
	return &admin.Resource[*domain.AuditEntry, *domain.AuditEntry]{
		List: s.auditList(), Icon: "scroll-text", Nav: "audit", About: "Who changed what, when and from where. Nothing here is ever changed.",
		Find: s.Audit.Find,
		ID:   func(e *domain.AuditEntry) uuid.UUID { return e.ID },
		Title: func(e *domain.AuditEntry) string {
			verb, _, _ := auditVerb(e.Action)
			return e.ActorName + " " + verb
		},
		Meta: func(e *domain.AuditEntry, _ list.Env) []string { return []string{e.Action} },
		Facts: []admin.Fact[*domain.AuditEntry]{
			{Label: "When", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell { return list.Time(&e.At) }},
			{Label: "Who", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell {
				if e.ActorID == nil {
					return list.Text(e.ActorName)
				}
				return list.Link(e.ActorName, "/admin/users/"+e.ActorID.String()+"/")
			}},
			{Label: "From", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell {
				if e.IP == "" {
					return list.Faint("–")
				}
				return list.Code(e.IP)
			}},
			{Label: "About", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell {
				return list.ID(e.ObjectID.String(), objectURL(e), e.ObjectType+" id")
			}},
			{Label: "Kind", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell { return list.Tag(e.ObjectType) }},
			{Label: "Entry", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell { return list.ID(e.ID.String(), "", "entry id") }},
		},
		Changes: historyChanges,
		View:    objectURL,
	}
}

// objectURL is the page of what an entry is about; it may be gone.
func objectURL(e *domain.AuditEntry) string {
	id := e.ObjectID.String() + "/"
	switch e.ObjectType {
	case "user":
		if e.Action == "user.deleted" {
			return ""
		}
		return "/admin/users/" + id
	case "invitation":
		return invitationsPath + id
	case "schedule":
		if e.Action == "schedule.deleted" {
			return ""
		}
		return schedulesPath + id
	case "session":
		return "/admin/sessions/" + id
	case "file":
		return "/admin/files/" + id
	case "batch":
		return "/admin/batches/" + id
	case "endpoint":
		return "/admin/endpoints/" + id
	case "sharelink":
		return adminSharesPath + id
	case "token":
		return "/admin/tokens/" + id
	case "event":
		return "/admin/events/" + id
	case "delivery":
		return "/admin/deliveries/" + id
	}
	return ""
}

func (s *site) auditList() *list.Resource[*domain.AuditEntry] {
	return &list.Resource[*domain.AuditEntry]{
		Name: "audit", Title: "Audit log", One: "entry", Many: "entries", Path: "/admin/audit/", AdminOnly: true,
		SearchHint: "Name, action or id", Exports: true,
		Filters: []list.Filter{
			{Key: "object", Label: "Kind", Icon: "database", Many: true, Counted: true, Free: list.IsWord},
			{Key: "action", Label: "Action", Icon: "pencil", Many: true, Counted: true, Free: list.IsWord},
			s.person("actor", "Who"),
			list.ByID("object_id", "About", shortID),
		},
		Columns: []list.Column[*domain.AuditEntry]{
			{Key: "action", Label: "What", Class: "grow", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell {
				return list.TwoLines(e.Action, "/admin/audit/"+e.ID.String()+"/", changeWords(e.Changes), "")
			}},
			{Key: "actor", Label: "Who", Class: "max-w-40 truncate", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell { return list.Text(e.ActorName) }},
			{Key: "object", Label: "Kind", Class: "hide", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell { return list.Tag(e.ObjectType) }},
			{Key: "object_id", Label: "About", Class: "dim hide", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell {
				return list.ID(e.ObjectID.String(), objectURL(e), e.ObjectType+" id")
			}},
			{Key: "ip", Label: "From", Class: "dim hide", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell {
				if e.IP == "" {
					return list.Faint("–")
				}
				return list.Code(e.IP)
			}},
			{Key: "at", Label: "When", Class: "num dim end", Cell: func(e *domain.AuditEntry, _ list.Env) list.Cell { return list.Time(&e.At) }},
		},
		Tall:   true,
		Source: s.Audit.List,
		Tally:  s.Audit.Tally,
		ID:     func(e *domain.AuditEntry) uuid.UUID { return e.ID },
		Label:  func(e *domain.AuditEntry) string { return e.Action },
		Cursor: func(e *domain.AuditEntry) ports.Cursor { return ports.Cursor{At: e.At, ID: e.ID} },
		Note:   "newest first",
		Empty:  list.Empty{Art: "door", Title: "Nothing was done yet", Text: "Every change that a person, a token or Doorito itself makes is written down here, with what was before."},
	}
}

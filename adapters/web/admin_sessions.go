package web

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

type sessionRow = *usecase.SessionDetail

// uploadSessions are the uploads that come in by pieces.
func (s *site) uploadSessions() *admin.Resource[sessionRow, sessionRow] {
	return &admin.Resource[sessionRow, sessionRow]{
		List: s.sessionsList(), Icon: "upload", About: "What comes in by pieces: how far it is, which bytes are here, and who sends it.", Object: "session",
		Find:  s.Sessions.Find,
		ID:    func(d sessionRow) uuid.UUID { return d.Session.ID },
		Title: sessionTitle,
		State: func(d sessionRow, _ list.Env) list.Cell { return sessionPill(d) },
		Meta: func(d sessionRow, _ list.Env) []string {
			return []string{receivedWords(d.Session), modeWord(d.Session)}
		},
		Warn: func(d sessionRow, _ list.Env) *list.Banner {
			if d.Session.ErrorMessage == "" {
				return nil
			}
			return &list.Banner{State: "failed", Icon: "circle-x", Strong: "It ended without a file.", Text: d.Session.ErrorMessage}
		},
		Bytes: byteMap,
		Live: func(d sessionRow) string {
			if isOver(d.Session) {
				return ""
			}
			return "2s"
		},
		Facts: sessionFacts(),
		Inlines: []admin.Inline[sessionRow]{{Title: "Parts", Empty: "No part is here. An upload in order has none: its bytes come one after the other.", Table: s.partsTable, Note: morePartsNote,
			More: func(d sessionRow) (string, string) {
				return "In the list", "/admin/parts/?session=" + d.Session.ID.String()
			},
		}},
		Actions: []admin.Action[sessionRow]{{
			Name: "abort", Label: "Abort…", Icon: "ban", Danger: true, Do: "Abort upload", Keep: "Let it go on",
			Title: func(d sessionRow) string { return "Abort the upload of " + sessionTitle(d) + "?" },
			Text: func(d sessionRow) string {
				return domain.FormatBytes(d.Session.BytesReceived) + " that are here go, and its file is failed. Who sends it has to start again. This cannot be undone."
			},
			When: func(d sessionRow) bool { return isOpenSession(d.Session) },
			Run: func(ctx context.Context, a domain.Actor, d sessionRow) (admin.Done, error) {
				return admin.Done{Text: "Upload aborted. Its bytes are gone."}, s.Sessions.Abort(ctx, a, d.Session.ID)
			},
		}},
		View: func(d sessionRow) string {
			if d.File == nil {
				return ""
			}
			return "/app/files/" + d.File.ID.String() + "/"
		},
	}
}

func sessionTitle(d sessionRow) string {
	if d.File != nil {
		return d.File.OriginalFilename
	}
	return partialName(d.Session.ID)
}

// partialName is of an upload that makes no file of its own.
func partialName(session uuid.UUID) string { return "Partial " + short(session) }

func sessionPill(d sessionRow) list.Cell { return list.Pill(string(d.Session.Status), "", "") }

func isOpenSession(row *domain.UploadSession) bool {
	return row.Status == domain.SessionInit || row.Status == domain.SessionInProgress
}

func isOver(row *domain.UploadSession) bool {
	return !isOpenSession(row) && row.Status != domain.SessionCompleting
}

// receivedWords is "40 MB of 1.2 GB".
func receivedWords(row *domain.UploadSession) string {
	if row.TotalSize == nil {
		return domain.FormatBytes(row.BytesReceived) + ", no end declared"
	}
	return domain.FormatBytes(row.BytesReceived) + " of " + domain.FormatBytes(*row.TotalSize)
}

func modeWord(row *domain.UploadSession) string {
	switch row.Mode {
	case domain.ModeSequential:
		return "in order"
	case domain.ModeParts:
		return "in parts"
	}
	return "nothing sent yet"
}

var sessionKinds = []list.Option{
	{Value: string(domain.SessionWhole), Label: "One file"}, {Value: string(domain.SessionPartial), Label: "Partial"}, {Value: string(domain.SessionFinal), Label: "Joined from partials"},
}

func kindWord(k domain.SessionKind) string {
	for _, o := range sessionKinds {
		if o.Value == string(k) {
			return o.Label
		}
	}
	return string(k)
}

func sessionStatus(label string) list.Filter {
	f := list.Filter{Key: "status", Label: label, Icon: "circle-dot", Many: true, Counted: true}
	for _, st := range domain.SessionStatuses {
		f.Options = append(f.Options, list.Option{Value: string(st), Label: statusWord(st), State: string(st)})
	}
	return f
}

func (s *site) sessionsList() *list.Resource[sessionRow] {
	return &list.Resource[sessionRow]{
		Name: "sessions", Title: "Upload sessions", One: "session", Many: "sessions", Path: "/admin/sessions/", AdminOnly: true,
		SearchHint: "Id", SelectAll: true, Exports: true,
		Filters: []list.Filter{
			sessionStatus("Status"),
			{Key: "kind", Label: "Makes", Icon: "layers", Many: true, Counted: true, Options: sessionKinds},
			{Key: "mode", Label: "Comes", Icon: "arrow-up-from-line", Many: true, Counted: true, Options: []list.Option{
				{Value: string(domain.ModeSequential), Label: "In order"}, {Value: string(domain.ModeParts), Label: "In parts"},
			}},
			s.person("owner", "Who"),
			list.Created(),
			list.ByID("file", "File", s.fileName),
			list.ByID("batch", "Batch", s.batchName),
		},
		Columns: sessionColumns(),
		Source:  s.Sessions.List,
		Tally:   s.tallyOf(usecase.KindSessions),
		ID:      func(d sessionRow) uuid.UUID { return d.Session.ID },
		Label:   sessionTitle,
		Size:    func(d sessionRow) int64 { return d.Session.BytesReceived },
		Cursor:  func(d sessionRow) ports.Cursor { return ports.Cursor{At: d.Session.CreatedAt, ID: d.Session.ID} },
		Note:    "newest first",
		Actions: []list.Action{{
			Name: "abort", Label: "Abort…", Icon: "ban", Verb: "Abort", Danger: true, Keep: "Let them go on",
			Confirm: "What is here of them goes and their files are failed. Those that ended are left alone. This cannot be undone.",
			Run: func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
				n, err := each(ids, func(id uuid.UUID) error { return s.Sessions.Abort(ctx, a, id) })
				return counted(n, "session") + " aborted" + restOf(n, len(ids), "ended before"), err
			},
		}},
		Empty: list.Empty{
			Art: "door", Title: "Nothing came in by pieces yet", Text: "Big files, and those of tus clients, come in by pieces and go on where they broke off.",
			URL: "/app/upload/", URLText: "Upload files", Icon: "upload",
		},
	}
}

func sessionColumns() []list.Column[sessionRow] {
	return []list.Column[sessionRow]{
		{Key: "file", Label: "File", Class: "grow", Cell: func(d sessionRow, _ list.Env) list.Cell {
			return list.Link(sessionTitle(d), "/admin/sessions/"+d.Session.ID.String()+"/")
		}},
		{Key: "status", Label: "Status", Cell: func(d sessionRow, _ list.Env) list.Cell { return sessionPill(d) }},
		{Key: "received", Label: "Received", Cell: func(d sessionRow, _ list.Env) list.Cell {
			if d.Session.TotalSize == nil || *d.Session.TotalSize == 0 {
				return list.Text(receivedWords(d.Session))
			}
			return list.Arriving(int(d.Session.BytesReceived*100 / *d.Session.TotalSize), receivedWords(d.Session))
		}},
		{Key: "mode", Label: "Comes", Class: "dim hide spare", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Text(modeWord(d.Session)) }},
		{Key: "owner", Label: "Who", Class: "dim hide ample max-w-40 truncate", Cell: func(d sessionRow, _ list.Env) list.Cell {
			if d.File == nil || d.File.UploaderName == "" {
				return list.Faint("–")
			}
			return list.Text(d.File.UploaderName)
		}},
		{Key: "touched", Label: "Last bytes", Class: "num dim roomy", CardLabel: "last bytes", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Time(&d.Session.UpdatedAt) }},
		{Key: "expires", Label: "Expires", Class: "num dim hide spare", Cell: func(d sessionRow, _ list.Env) list.Cell {
			if isOver(d.Session) {
				return list.Faint("–")
			}
			return list.Time(&d.Session.ExpiresAt)
		}},
		{Key: "created", Label: "Began", Class: "num dim end", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Time(&d.Session.CreatedAt) }},
	}
}

func sessionFacts() []admin.Fact[sessionRow] {
	return []admin.Fact[sessionRow]{
		{Label: "File", Cell: func(d sessionRow, _ list.Env) list.Cell {
			if d.File == nil {
				return list.Faint("none, it is joined later")
			}
			return list.Link(d.File.OriginalFilename, "/app/files/"+d.File.ID.String()+"/")
		}},
		{Label: "Who", Cell: func(d sessionRow, _ list.Env) list.Cell {
			if d.Session.UserID == nil {
				return list.Faint("nobody any more")
			}
			name := short(*d.Session.UserID)
			if d.File != nil && d.File.UploaderName != "" {
				name = d.File.UploaderName
			}
			return list.Link(name, "/admin/users/"+d.Session.UserID.String()+"/")
		}},
		{Label: "Makes", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Text(kindWord(d.Session.Kind)) }},
		{Label: "Comes", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Text(modeWord(d.Session)) }},
		{Label: "Hashed", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Size(d.Hashed) }},
		{Label: "Part size", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Size(d.Session.ChunkSize) }},
		{Label: "Writers", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Text(strconv.FormatInt(d.Session.Epoch, 10)) }},
		{Label: "Declared", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Hash(d.Session.DeclaredSHA256) }},
		{Label: "Last bytes", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Time(&d.Session.UpdatedAt) }},
		{Label: "Expires", Cell: func(d sessionRow, _ list.Env) list.Cell {
			if isOver(d.Session) {
				return list.Faint("–")
			}
			return list.Time(&d.Session.ExpiresAt)
		}},
		{Label: "Began", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.Time(&d.Session.CreatedAt) }},
		{Label: "Id", Cell: func(d sessionRow, _ list.Env) list.Cell { return list.ID(d.Session.ID.String(), "", "session id") }},
	}
}

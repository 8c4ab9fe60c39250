package web

import (
	"fmt"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// uploadParts have no page of their own: a row says all there is.
func (s *site) uploadParts() *admin.Resource[*domain.UploadPart, *domain.UploadPart] {
	return &admin.Resource[*domain.UploadPart, *domain.UploadPart]{
		List: s.partsList(), Icon: "layers", About: "The pieces that are here of uploads in parts, each with its place and its hash.",
	}
}

func (s *site) partsList() *list.Resource[*domain.UploadPart] {
	return &list.Resource[*domain.UploadPart]{
		Name: "parts", Title: "Parts", One: "part", Many: "parts", Path: "/admin/parts/", AdminOnly: true,
		SearchHint: "Id of an upload, or SHA-256", Exports: true,
		Filters: []list.Filter{
			sessionStatus("Upload"),
			list.Created(),
			list.ByID("session", "Upload", shortID),
		},
		Columns: partColumns(),
		Source:  s.Overview.ListParts,
		Tally:   s.tallyOf(usecase.KindParts),
		ID:      func(p *domain.UploadPart) uuid.UUID { return p.ID },
		Label:   func(p *domain.UploadPart) string { return "part " + groupInt(p.Number) },
		Cursor:  func(p *domain.UploadPart) ports.Cursor { return ports.Cursor{At: p.CreatedAt, ID: p.ID} },
		Note:    "newest first",
		Empty: list.Empty{
			Art: "door", Title: "No part is here", Text: "Big files may come in parts, several at once. An upload in order has none.",
			URL: "/admin/sessions/", URLText: "Go to upload sessions", Icon: "upload",
		},
	}
}

func partColumns() []list.Column[*domain.UploadPart] {
	return []list.Column[*domain.UploadPart]{
		{Key: "file", Label: "File", Class: "grow", Cell: func(p *domain.UploadPart, _ list.Env) list.Cell {
			name := p.Filename
			if name == "" {
				name = partialName(p.SessionID)
			}
			return list.Link(name, "/admin/sessions/"+p.SessionID.String()+"/")
		}},
		{Key: "number", Label: "Part", Class: "num", CardLabel: "part", Cell: func(p *domain.UploadPart, _ list.Env) list.Cell { return list.Text(groupInt(p.Number)) }},
		{Key: "bytes", Label: "Bytes", Class: "num dim", Cell: func(p *domain.UploadPart, _ list.Env) list.Cell {
			return list.Text(fmt.Sprintf("%s to %s", groupInt(int(p.Offset)), groupInt(int(p.Offset+p.Size-1))))
		}},
		{Key: "size", Label: "Size", Class: "num", Cell: func(p *domain.UploadPart, _ list.Env) list.Cell { return list.Size(p.Size) }},
		{Key: "sha256", Label: "SHA-256", Class: "hide", Cell: func(p *domain.UploadPart, _ list.Env) list.Cell { return list.Hash(p.SHA256) }},
		{Key: "at", Label: "Arrived", Class: "num dim end", Cell: func(p *domain.UploadPart, _ list.Env) list.Cell { return list.Time(&p.CreatedAt) }},
	}
}

// maxPartRows is how many parts a session's page lists; the map above shows them all.
const maxPartRows = 200

func (s *site) partsTable(d sessionRow, e list.Env) *list.View {
	parts := s.partsList()
	parts.Columns = append(parts.Columns, list.Column[*domain.UploadPart]{Key: "of", Label: "Part", Class: "grow", Elsewhere: true, Cell: func(p *domain.UploadPart, _ list.Env) list.Cell {
		return list.Text(groupInt(p.Number) + " of " + groupInt(d.Session.TotalParts()))
	}})
	return parts.Table(d.Parts[:min(maxPartRows, len(d.Parts))], e, "of", "bytes", "size", "sha256", "at")
}

// morePartsNote says so when the table does not have all.
func morePartsNote(d sessionRow) string {
	if len(d.Parts) <= maxPartRows {
		return ""
	}
	return fmt.Sprintf("These are the first %d of %s parts that are here. The map above shows all.", maxPartRows, groupInt(len(d.Parts)))
}

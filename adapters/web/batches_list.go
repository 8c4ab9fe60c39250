package web

import (
	"fmt"

	"github.com/google/uuid"

	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

// batchTitle is a batch's label, or how to tell it from others without one.
func batchTitle(b *domain.Batch) string {
	if b.Label != "" {
		return b.Label
	}
	return "Batch of " + b.CreatedAt.UTC().Format("2 Jan, 15:04:05")
}

func (s *site) batchesList() *list.Resource[*domain.Batch] {
	status := list.Filter{Key: "status", Label: "Status", Icon: "circle-dot", Many: true}
	for _, st := range domain.BatchStatuses {
		status.Options = append(status.Options, list.Option{Value: string(st), Label: statusWord(st)})
	}
	filters := []list.Filter{status, list.Created()}
	if s.Users != nil {
		filters = append(filters, list.Filter{Key: "creator", Label: "Made by", Icon: "user", Many: true, AdminOnly: true, Free: list.IsID, Load: s.uploaders})
	}
	return &list.Resource[*domain.Batch]{
		Name: "batches", Title: "Batches", One: "batch", Many: "batches", Path: "/app/batches/",
		SearchHint: "Label or id", Columns: batchColumns(), Filters: filters,
		Source:  s.Batches.List,
		ID:      func(b *domain.Batch) uuid.UUID { return b.ID },
		Label:   batchTitle,
		Cursor:  func(b *domain.Batch) ports.Cursor { return ports.Cursor{At: b.CreatedAt, ID: b.ID} },
		Note:    "newest first",
		Buttons: []list.Button{{Label: "Upload files", Icon: "upload", URL: "/app/upload/", Primary: true, Needs: domain.MayUpload}},
		Empty: list.Empty{
			Art: "door", Title: "No batch yet", Text: "Each drop of files makes a batch. It ends when all its files are here, and receivers hear of it as a whole.",
			URL: "/app/upload/", URLText: "Upload files", Icon: "upload",
		},
	}
}

// meterState is the colour of a batch's progress.
func meterState(b *domain.Batch) string {
	if b.Status == domain.BatchInProgress {
		return "uploading"
	}
	return string(b.Status)
}

func batchColumns() []list.Column[*domain.Batch] {
	return []list.Column[*domain.Batch]{
		{Key: "label", Label: "Batch", Class: "grow", Cell: func(b *domain.Batch, _ list.Env) list.Cell {
			return list.Link(batchTitle(b), "/app/batches/"+b.ID.String()+"/")
		}},
		{Key: "status", Label: "Status", Cell: func(b *domain.Batch, _ list.Env) list.Cell { return list.Pill(string(b.Status), "", "") }},
		{Key: "progress", Label: "Progress", Cell: func(b *domain.Batch, _ list.Env) list.Cell {
			n := b.Counts
			return list.Meter(meterState(b), n.Stored, n.Files, fmt.Sprintf("%s of %s are here", groupInt(n.Stored), counted(n.Files, "file")))
		}},
		{Key: "failed", Label: "Failed", Class: "num", CardLabel: "failed", Cell: func(b *domain.Batch, _ list.Env) list.Cell {
			if b.Counts.Failed == 0 {
				return list.Faint("0")
			}
			return list.Toned(groupInt(b.Counts.Failed), "error")
		}},
		{Key: "size", Label: "Size", Class: "num", Cell: func(b *domain.Batch, _ list.Env) list.Cell { return list.Size(b.Counts.Bytes) }},
		{Key: "by", Label: "Made by", Class: "dim hide max-w-40 truncate", AdminOnly: true, Cell: func(b *domain.Batch, _ list.Env) list.Cell {
			if b.CreatorName == "" {
				return list.Faint("nobody any more")
			}
			return list.Text(b.CreatorName)
		}},
		{Key: "created", Label: "Created", Class: "num dim end", Cell: func(b *domain.Batch, _ list.Env) list.Cell { return list.Time(&b.CreatedAt) }},
	}
}

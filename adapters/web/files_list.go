package web

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

// soonHours is from when on an expiry is worth a warning.
const soonHours = 1

func (s *site) filesList() *list.Resource[*domain.File] {
	return &list.Resource[*domain.File]{
		Name: "files", Title: "Files", One: "file", Many: "files", Path: "/app/files/",
		SearchHint: "Name, id or SHA-256",
		Columns:    fileColumns(),
		Filters:    s.fileFilters(),
		Source:     s.Files.List,
		ID:         func(f *domain.File) uuid.UUID { return f.ID },
		Label:      func(f *domain.File) string { return f.OriginalFilename },
		Size:       func(f *domain.File) int64 { return f.SizeBytes },
		Cursor:     func(f *domain.File) ports.Cursor { return ports.Cursor{At: f.CreatedAt, ID: f.ID} },
		Note:       "newest first, steady while new files arrive",
		Buttons:    []list.Button{{Label: "Upload files", Icon: "upload", URL: "/app/upload/", Primary: true, Needs: domain.MayUpload}},
		Actions: []list.Action{{
			Name: "delete", Label: "Delete…", Icon: "trash-2", Verb: "Delete", Danger: true, Keep: "Keep them",
			Confirm: "Their bytes are purged at once and their links stop working. Receivers hear of it. This cannot be undone.",
			Run:     s.deleteFiles, Needs: domain.MayDelete,
		}},
		Empty: list.Empty{
			Art: "door", Title: "The door is open",
			Text: "Drop files on the upload page. They are hashed, kept, and every endpoint hears about them within milliseconds.",
			URL:  "/app/upload/", URLText: "Upload files", Icon: "upload",
			Code: "curl -T report.pdf \"$PORTAL/api/v1/files/\" -H \"Authorization: Bearer $TOKEN\"",
		},
		NoMatch: list.Empty{Title: "No files match"},
	}
}

func fileColumns() []list.Column[*domain.File] {
	return []list.Column[*domain.File]{
		{Key: "name", Label: "Name", Class: "grow", Cell: func(f *domain.File, _ list.Env) list.Cell {
			return list.FileName(f.OriginalFilename, ext(f.OriginalFilename, f.ContentType), "/app/files/"+f.ID.String()+"/")
		}},
		{Key: "status", Label: "Status", Cell: func(f *domain.File, _ list.Env) list.Cell { return list.Pill(string(f.Status), "", "") }},
		{Key: "size", Label: "Size", Class: "num", Cell: func(f *domain.File, _ list.Env) list.Cell { return list.Size(f.SizeBytes) }},
		{Key: "sha256", Label: "SHA-256", Class: "hide roomy", Cell: func(f *domain.File, _ list.Env) list.Cell { return list.Hash(f.SHA256) }},
		{Key: "batch", Label: "Batch", Class: "dim hide roomy max-w-40 truncate", Cell: func(f *domain.File, _ list.Env) list.Cell {
			if f.BatchID == nil {
				return list.Faint("single")
			}
			url := "/app/batches/" + f.BatchID.String() + "/"
			if f.BatchLabel != "" {
				return list.Link(f.BatchLabel, url)
			}
			return list.ID(f.BatchID.String(), url, "batch id")
		}},
		{Key: "owner", Label: "Uploaded by", Class: "dim hide max-w-40 truncate", AdminOnly: true, Cell: func(f *domain.File, _ list.Env) list.Cell {
			if f.UploaderName == "" {
				return list.Faint("nobody any more")
			}
			return list.Text(f.UploaderName)
		}},
		{Key: "expires", Label: "Expires", Class: "num dim hide", Cell: func(f *domain.File, e list.Env) list.Cell {
			if !f.HasBytes() || f.ExpiresAt == nil {
				return list.Faint("–")
			}
			if f.ExpiresAt.Sub(e.Now) < soonHours*time.Hour {
				return list.Soon(f.ExpiresAt)
			}
			return list.Time(f.ExpiresAt)
		}},
		{Key: "outcome", Label: "What happened", Class: "dim", Elsewhere: true, Cell: fileOutcome},
		{Key: "created", Label: "Created", Class: "num dim end", Cell: func(f *domain.File, _ list.Env) list.Cell { return list.Time(&f.CreatedAt) }},
	}
}

// fileOutcome says what became of a file, or what is next for it.
func fileOutcome(f *domain.File, e list.Env) list.Cell {
	switch {
	case f.Status == domain.FileFailed:
		return list.Reason(f.ErrorMessage)
	case f.Status == domain.FileUploading:
		return list.Since("began", &f.CreatedAt)
	case f.Status == domain.FileProcessed && f.ProcessedAt != nil:
		return list.Since("processed", f.ProcessedAt)
	case f.Status == domain.FileDeleted && f.DeletedAt != nil:
		return list.Since("deleted", f.DeletedAt)
	case f.ExpiresAt == nil:
		return list.Faint("kept")
	}
	c := list.Since("expires", f.ExpiresAt)
	if f.ExpiresAt.Sub(e.Now) < soonHours*time.Hour {
		c.Tone = "warning"
	}
	return c
}

func (s *site) fileFilters() []list.Filter {
	status := list.Filter{Key: "status", Label: "Status", Icon: "circle-dot", Many: true}
	for _, st := range domain.FileStatuses {
		status.Options = append(status.Options, list.Option{Value: string(st), Label: statusWord(st)})
	}
	filters := []list.Filter{status}
	if s.Users != nil {
		filters = append(filters, list.Filter{
			Key: "owner", Label: "Uploaded by", Icon: "user", Many: true, AdminOnly: true, Free: list.IsID, Load: s.uploaders,
		})
	}
	return append(filters,
		list.Filter{Key: "type", Label: "Type", Icon: "file-text", Many: true, Free: isMediaType, Options: []list.Option{
			{Value: "application/pdf", Label: "PDF"},
			{Value: "image/", Label: "Images"},
			{Value: "video/", Label: "Video"},
			{Value: "audio/", Label: "Audio"},
			{Value: "text/", Label: "Text"},
			{Value: "application/zip", Label: "ZIP archives"},
		}},
		list.Filter{Key: "size", Label: "Size", Icon: "scale", Options: []list.Option{
			{Value: "small", Label: "Up to 1 MB", Chip: "up to 1 MB", Sets: map[string]string{"size_max": "1000000"}},
			{Value: "medium", Label: "1 MB to 100 MB", Sets: map[string]string{"size_min": "1000000", "size_max": "100000000"}},
			{Value: "large", Label: "100 MB to 1 GB", Sets: map[string]string{"size_min": "100000000", "size_max": "1000000000"}},
			{Value: "huge", Label: "Over 1 GB", Chip: "over 1 GB", Sets: map[string]string{"size_min": "1000000000"}},
		}},
		list.Filter{Key: "expiring", Label: "Expires", Icon: "hourglass", Options: []list.Option{
			{Value: "1", Label: "Within the hour", Chip: "within the hour"},
			{Value: "24", Label: "Within a day", Chip: "within a day"},
			{Value: "held", Label: "Past, kept for a receiver", Chip: "past, kept for a receiver", Sets: map[string]string{"held": "true"}},
		}},
		list.Created(),
		list.ByID("batch", "Batch", s.batchName),
	)
}

// isMediaType accepts "image/" and "image/png".
func isMediaType(v string) error {
	slash := false
	for i := range len(v) {
		switch b := v[i]; {
		case b == '/' && !slash && i > 0:
			slash = true
		case b >= 'a' && b <= 'z', b >= '0' && b <= '9', b == '.', b == '+', b == '-':
		default:
			return domain.Errorf(domain.Invalid, "is not a media type")
		}
	}
	if !slash || len(v) > 100 {
		return domain.Errorf(domain.Invalid, "is not a media type")
	}
	return nil
}

// person is an admin's choice among all people, with how much each has.
func (s *site) person(key, label string) list.Filter {
	return list.Filter{Key: key, Label: label, Icon: "user", Many: true, Counted: true, Free: list.IsID, Load: s.uploaders, Name: func(id string) string { return short(id) }}
}

// uploaders are the people that a list may be narrowed to.
func (s *site) uploaders(ctx context.Context, a domain.Actor) ([]list.Option, error) {
	if !a.IsAdmin() {
		return nil, nil
	}
	users, err := s.Users.List(ctx, a)
	if err != nil {
		return nil, err
	}
	out := make([]list.Option, len(users))
	for i, u := range users {
		out[i] = list.Option{Value: u.ID.String(), Label: u.Name}
	}
	return out, nil
}

// batchName says a batch in a chip; one that is not to be seen is its id's end.
func (s *site) batchName(ctx context.Context, a domain.Actor, id string) string {
	if u, err := uuid.Parse(id); err == nil {
		if b, err := s.Batches.Find(ctx, a, u); err == nil {
			return batchTitle(b)
		}
	}
	return short(id)
}

func (s *site) deleteFiles(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
	n, err := s.Files.Delete(ctx, a, ids)
	if err != nil {
		return "", err
	}
	if n == len(ids) {
		return counted(n, "file") + " deleted", nil
	}
	return fmt.Sprintf("%s deleted. The other %d could not be: they are still uploading, or gone already.", counted(n, "file"), len(ids)-n), nil
}

// counted is "1 file", "3 files".
func counted(n int, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "y") && !strings.HasSuffix(one, "ay"):
		return groupDigits(fmt.Sprint(n)) + " " + one[:len(one)-1] + "ies"
	}
	return groupDigits(fmt.Sprint(n)) + " " + one + "s"
}

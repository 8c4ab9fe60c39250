package web

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports/usecase"
)

// fileDetail is a file with the newest check of its bytes, if there was one.
type fileDetail struct {
	*usecase.FileDetail
	check *domain.FileCheck
}

func (s *site) findFile(ctx context.Context, a domain.Actor, id uuid.UUID) (d fileDetail, err error) {
	if d.FileDetail, err = s.Files.Detail(ctx, a, id); err != nil {
		return d, err
	}
	d.check, err = s.Checks.Latest(ctx, a, id)
	return d, err
}

// allFiles are what people handed in.
func (s *site) allFiles() *admin.Resource[*domain.File, fileDetail] {
	l := s.filesList()
	l.Filters = append(l.Filters, list.Filter{Key: "superseded", Label: "Tried again", Icon: "rotate-cw", Hidden: true, Options: []list.Option{
		{Value: "false", Label: "No"}, {Value: "true", Label: "Yes, a later one counts"},
	}})
	l = forAdmins(s, l, "/admin/files/", usecase.KindFiles, "status", "owner", "type", "superseded")
	l.Actions = s.fileBulk()
	for i, c := range l.Columns { // beside the filters there is no room for it
		if c.Key == "sha256" {
			l.Columns[i].Elsewhere, l.Columns[i].Exported = true, true
		}
	}
	return &admin.Resource[*domain.File, fileDetail]{
		List: l, Icon: "files", About: "What people handed in: mark it, keep it longer, expire it, read its bytes back.", Object: "file",
		Find:  s.findFile,
		ID:    func(d fileDetail) uuid.UUID { return d.File.ID },
		Title: func(d fileDetail) string { return d.File.OriginalFilename },
		State: func(d fileDetail, _ list.Env) list.Cell { return list.Pill(string(d.File.Status), "", "") },
		Meta: func(d fileDetail, _ list.Env) []string {
			return []string{domain.FormatBytes(d.File.SizeBytes), d.File.ContentType}
		},
		Warn: func(d fileDetail, _ list.Env) *list.Banner {
			switch {
			case d.check != nil && d.File.HasBytes() && checkFault(d.check) != "":
				return &list.Banner{State: "failed", Icon: "triangle-alert", Strong: "Its bytes are not right.", Text: checkFault(d.check)}
			case d.Held:
				return &list.Banner{State: "warning", Icon: "hourglass", Strong: "Kept past its expiry.", Text: "A receiver has not got it yet."}
			case d.File.Status == domain.FileFailed && d.File.ErrorMessage != "":
				return &list.Banner{State: "failed", Icon: "circle-x", Strong: "Failed.", Text: d.File.ErrorMessage}
			}
			return nil
		},
		Live: func(d fileDetail) string {
			if d.check != nil && !d.check.IsOver() || d.File.Status == domain.FileUploading || d.File.Status == domain.FileDeleted && d.File.PurgedAt == nil {
				return "2s"
			}
			return ""
		},
		Facts:   fileFacts(),
		Inlines: s.fileInlines(),
		Actions: s.fileActions(),
		Delete: &admin.Delete[fileDetail]{
			Goes: func(d fileDetail) []admin.Consequence {
				return []admin.Consequence{{Count: domain.FormatBytes(d.File.SizeBytes), Text: "of bytes, at once"}, {Count: "1", Text: "download link, which says that it is gone"}}
			},
			Stays: "Its row, its events and its history stay. Receivers hear that it is gone.",
			Sure:  func(d fileDetail) string { return d.File.OriginalFilename },
			Refuse: func(_ domain.Actor, d fileDetail) *domain.Error {
				switch d.File.Status {
				case domain.FileUploading:
					return domain.Errorf(domain.Conflict, "It is still on its way in. Abort its upload session instead.")
				case domain.FileDeleted:
					return domain.Errorf(domain.Conflict, "It is deleted already.")
				}
				return nil
			},
			Run: func(ctx context.Context, a domain.Actor, id uuid.UUID) (string, error) {
				_, err := s.Files.Delete(ctx, a, idsOf(id))
				return "File deleted. Receivers hear of it.", err
			},
		},
		View: func(d fileDetail) string { return "/app/files/" + d.File.ID.String() + "/" },
	}
}

// byAdmin is why a file failed that an admin marked without other words.
const byAdmin = "An admin marked it failed."

func (s *site) fileBulk() []list.Action {
	run := func(done, why string, do func(ctx context.Context, a domain.Actor, id uuid.UUID) error) func(context.Context, domain.Actor, []uuid.UUID) (string, error) {
		return func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
			n, err := each(ids, func(id uuid.UUID) error { return do(ctx, a, id) })
			return counted(n, "file") + " " + done + restOf(n, len(ids), why), err
		}
	}
	return []list.Action{
		{Name: "processed", Label: "Mark processed", Icon: "check-check", Run: run("marked processed", "was not stored", func(ctx context.Context, a domain.Actor, id uuid.UUID) error {
			_, err := s.Consumer.Process(ctx, a, id)
			return err
		})},
		{
			Name: "failed", Label: "Mark failed…", Icon: "x", Verb: "Mark failed", Danger: true, Keep: "Leave them",
			Confirm: "Receivers hear of it and their senders see it. The bytes stay.",
			Run: run("marked failed", "was not stored", func(ctx context.Context, a domain.Actor, id uuid.UUID) error {
				_, err := s.Consumer.Fail(ctx, a, id, byAdmin)
				return err
			}),
		},
		{Name: "extend", Label: "Keep a day longer", Icon: "hourglass", Run: run("kept a day longer", "never expires, or is gone", func(ctx context.Context, a domain.Actor, id uuid.UUID) error {
			_, err := s.Keeper.Extend(ctx, a, id, 24*time.Hour)
			return err
		})},
		{
			Name: "forever", Label: "Never expire…", Icon: "hourglass", Verb: "Keep for good", Keep: "Leave them",
			Confirm: "They stay until somebody deletes them, and no warning is sent any more.",
			Run: run("kept for good", "never expires, or is gone", func(ctx context.Context, a domain.Actor, id uuid.UUID) error {
				_, err := s.Keeper.Extend(ctx, a, id, 0)
				return err
			}),
		},
		{Name: "check", Label: "Read bytes back", Icon: "shield-check", Run: run("to be read back; the result is in the history of each", "has no bytes, or is being read", s.Checks.Ask)},
		{
			Name: "expire", Label: "Expire now…", Icon: "clock", Verb: "Expire", Danger: true, Keep: "Keep them",
			Confirm: "Their bytes go as if their time were over; those that a receiver has not got yet are held until it has, or for 96 hours. This cannot be undone.",
			Run: run("expired", "could not be", func(ctx context.Context, a domain.Actor, id uuid.UUID) error {
				_, err := s.Keeper.Expire(ctx, a, id)
				return err
			}),
		},
		{
			Name: "delete", Label: "Delete…", Icon: "trash-2", Verb: "Delete", Danger: true, Keep: "Keep them",
			Confirm: "Their bytes are purged at once and their links stop working. Receivers hear of it. Rows and history stay. This cannot be undone.",
			Run:     s.deleteFiles,
		},
	}
}

func (s *site) fileActions() []admin.Action[fileDetail] {
	stored := func(d fileDetail) bool { return d.File.Status == domain.FileStored }
	named := func(verb, rest string) func(fileDetail) string {
		return func(d fileDetail) string { return verb + " " + d.File.OriginalFilename + rest }
	}
	return []admin.Action[fileDetail]{
		{
			Name: "processed", Label: "Mark processed…", Icon: "check-check", Do: "Mark processed", Keep: "Leave it",
			Title: named("Mark", " processed?"), Text: func(fileDetail) string { return "As a receiver does that took it over. Others hear of it." }, When: stored,
			Run: func(ctx context.Context, a domain.Actor, d fileDetail) (admin.Done, error) {
				_, err := s.Consumer.Process(ctx, a, d.File.ID)
				return admin.Done{Text: "Marked processed."}, err
			},
		},
		{
			Name: "failed", Label: "Mark failed…", Icon: "x", Danger: true, Do: "Mark failed", Keep: "Leave it",
			Title: named("Mark", " failed?"), Text: func(fileDetail) string { return "Receivers hear of it and its sender sees why. The bytes stay." }, When: stored,
			Ask: &admin.Ask{Label: "Why", Hint: "A sentence that its sender can act on.", Max: 1000},
			With: func(ctx context.Context, a domain.Actor, d fileDetail, why string) (admin.Done, error) {
				_, err := s.Consumer.Fail(ctx, a, d.File.ID, why)
				return admin.Done{Text: "Marked failed."}, err
			},
		},
		{
			Name: "extend", Label: "Keep longer…", Icon: "hourglass", Do: "Keep it longer", Keep: "Leave it",
			Title: named("Keep", " longer?"), When: func(d fileDetail) bool { return d.File.HasBytes() && d.File.ExpiresAt != nil },
			Text: func(d fileDetail) string {
				return "It expires on " + dayAndTime(*d.File.ExpiresAt) + ". Receivers are warned anew before it does."
			},
			Ask: &admin.Ask{Label: "Hours more", Value: "24", Hint: "Counted from its expiry, or from now when that is over; 0 keeps it for good.", Max: 6},
			With: func(ctx context.Context, a domain.Actor, d fileDetail, hours string) (admin.Done, error) {
				text, err := s.keepLonger(ctx, a, d.File.ID, hours)
				return admin.Done{Text: text}, err
			},
		},
		{
			Name: "check", Label: "Read bytes back…", Icon: "shield-check", Do: "Read them", Keep: "Leave it",
			Title: named("Read the bytes of", " back?"), When: func(d fileDetail) bool { return d.File.HasBytes() && (d.check == nil || d.check.IsOver()) },
			Text: func(d fileDetail) string {
				return domain.FormatBytes(d.File.SizeBytes) + " are read from the storage and hashed. The result stands here and in the history."
			},
			Run: func(ctx context.Context, a domain.Actor, d fileDetail) (admin.Done, error) {
				return admin.Done{Text: "They are being read."}, s.Checks.Ask(ctx, a, d.File.ID)
			},
		},
		{
			Name: "expire", Label: "Expire now…", Icon: "clock", Danger: true, Do: "Expire now", Keep: "Keep it",
			Title: named("Expire", " now?"), When: func(d fileDetail) bool { return d.File.HasBytes() },
			Text: func(fileDetail) string {
				return "Its bytes go as if its time were over. While a receiver has not got it yet it is held, for 96 hours at most. This cannot be undone."
			},
			Run: func(ctx context.Context, a domain.Actor, d fileDetail) (admin.Done, error) {
				f, err := s.Keeper.Expire(ctx, a, d.File.ID)
				if err == nil && f.Status != domain.FileDeleted {
					return admin.Done{Text: "Expired. It is held until its receivers have it."}, nil
				}
				return admin.Done{Text: "Expired. Its bytes are gone."}, err
			},
		},
	}
}

func (s *site) fileInlines() []admin.Inline[fileDetail] {
	return []admin.Inline[fileDetail]{
		{
			Title: "Events", Empty: "Nothing was told about it yet.",
			Table: func(d fileDetail, e list.Env) *list.View {
				return s.eventsList().Table(d.Events, e, "subject", "type", "status", "created")
			},
			More: func(d fileDetail) (string, string) {
				return "In the list", "/admin/events/?aggregate=" + d.File.ID.String()
			},
		},
		{
			Title: "Deliveries", Empty: "Nothing was owed to any endpoint for it.",
			Table: func(d fileDetail, e list.Env) *list.View {
				return s.deliveriesList().Table(d.Deliveries, e, "endpoint", "type", "status", "tries", "answer", "when")
			},
		},
	}
}

func fileFacts() []admin.Fact[fileDetail] {
	return []admin.Fact[fileDetail]{
		{Label: "Uploaded by", Cell: func(d fileDetail, _ list.Env) list.Cell {
			if d.File.UploadedBy == nil {
				return list.Faint("nobody any more")
			}
			return list.Link(d.File.UploaderName, "/admin/users/"+d.File.UploadedBy.String()+"/")
		}},
		{Label: "Batch", Cell: func(d fileDetail, _ list.Env) list.Cell {
			if d.Batch == nil {
				return list.Faint("single")
			}
			return list.Link(batchTitle(d.Batch), "/admin/batches/"+d.Batch.ID.String()+"/")
		}},
		{Label: "Uploads", Cell: func(d fileDetail, _ list.Env) list.Cell {
			return list.Link("its sessions", "/admin/sessions/?file="+d.File.ID.String())
		}},
		{Label: "SHA-256", Cell: func(d fileDetail, _ list.Env) list.Cell { return list.Hash(d.File.SHA256) }},
		{Label: "Read back", Cell: func(d fileDetail, _ list.Env) list.Cell { return checkCell(d.check) }},
		{Label: "Expires", Cell: func(d fileDetail, _ list.Env) list.Cell {
			if d.File.ExpiresAt == nil && d.File.HasBytes() {
				return list.Faint("never")
			}
			return list.Time(d.File.ExpiresAt)
		}},
		{Label: "Created", Cell: func(d fileDetail, _ list.Env) list.Cell { return list.Time(&d.File.CreatedAt) }},
		{Label: "Stored", Cell: func(d fileDetail, _ list.Env) list.Cell { return list.Time(d.File.StoredAt) }},
		{Label: "Processed", Cell: func(d fileDetail, _ list.Env) list.Cell { return list.Time(d.File.ProcessedAt) }},
		{Label: "Deleted", Cell: func(d fileDetail, _ list.Env) list.Cell { return list.Time(d.File.DeletedAt) }},
		{Label: "Purged", Cell: func(d fileDetail, _ list.Env) list.Cell { return list.Time(d.File.PurgedAt) }},
		{Label: "Id", Cell: func(d fileDetail, _ list.Env) list.Cell { return list.ID(d.File.ID.String(), "", "file id") }},
	}
}

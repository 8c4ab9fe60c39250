package web

import (
	"context"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

const adminSharesPath = "/admin/shares/"

// shareDetail is a link with the newest of its log.
type shareDetail struct {
	*domain.ShareLink
	log ports.Page[*domain.ShareAccess]
}

// allShares are everybody's share links, without the links themselves, which
// nobody has.
func (s *site) allShares() *admin.Resource[*domain.ShareLink, shareDetail] {
	return &admin.Resource[*domain.ShareLink, shareDetail]{
		List: s.sharesList(), Icon: "link", About: "What strangers may download, until when and how often, and who did.", Object: "sharelink",
		Find:  s.findShare,
		ID:    func(d shareDetail) uuid.UUID { return d.ID },
		Title: func(d shareDetail) string { return "Link to " + shareName(d.ShareLink) },
		State: func(d shareDetail, e list.Env) list.Cell { return list.Pill(sharePill(d.ShareLink.State(e.Now))) },
		Meta: func(d shareDetail, _ list.Env) []string {
			return []string{"begins with " + d.Prefix + "…", shareDownloads(d.ShareLink)}
		},
		Facts: shareFacts(),
		Inlines: []admin.Inline[shareDetail]{{
			Title: "Downloads", Empty: "Nobody has used it yet.",
			Table: func(d shareDetail, e list.Env) *list.View {
				return accessesList().Table(d.log.Items, e, "what", "file", "ip", "agent", "at")
			},
			More: func(d shareDetail) (string, string) {
				if !d.log.Older {
					return "", ""
				}
				return "More of its " + cappedAt(d.log.Total, d.log.Capped), sharesPath + d.ID.String() + "/"
			},
		}},
		Actions: []admin.Action[shareDetail]{{
			Name: "revoke", Label: "Revoke…", Icon: "ban", Danger: true, Do: "Revoke link", Keep: "Keep it",
			Title: func(d shareDetail) string { return "Revoke the link to " + shareName(d.ShareLink) + "?" },
			Text:  func(d shareDetail) string { return shareStops(d.ShareLink) },
			When:  func(d shareDetail) bool { return d.RevokedAt == nil },
			Run: func(ctx context.Context, a domain.Actor, d shareDetail) (admin.Done, error) {
				text, err := s.revokeShares(ctx, a, idsOf(d.ID))
				return admin.Done{Text: text}, err
			},
		}},
		View: func(d shareDetail) string { return sharesPath + d.ID.String() + "/" },
	}
}

func (s *site) findShare(ctx context.Context, a domain.Actor, id uuid.UUID) (d shareDetail, err error) {
	if d.ShareLink, err = s.Shares.Find(ctx, a, id); err != nil {
		return d, err
	}
	d.log, err = s.Shares.Log(ctx, a, id, ports.ListQuery{Limit: newestFew})
	return d, err
}

func shareFacts() []admin.Fact[shareDetail] {
	return []admin.Fact[shareDetail]{
		{Label: "Leads to", Cell: func(d shareDetail, _ list.Env) list.Cell {
			kind, id := d.Kind()
			return list.Link(shareName(d.ShareLink), map[domain.ShareKind]string{domain.ShareOfFile: "/admin/files/", domain.ShareOfBatch: "/admin/batches/"}[kind]+id.String()+"/")
		}},
		{Label: "Made by", Cell: func(d shareDetail, _ list.Env) list.Cell {
			if d.CreatedBy == nil {
				return list.Faint("nobody any more")
			}
			return list.Link(d.CreatorName, "/admin/users/"+d.CreatedBy.String()+"/")
		}},
		{Label: "Begins with", Cell: func(d shareDetail, _ list.Env) list.Cell { return list.Code(d.Prefix + "…") }},
		{Label: "Password", Cell: func(d shareDetail, _ list.Env) list.Cell {
			if d.PasswordHash == "" {
				return list.Faint("none")
			}
			return list.Text("yes")
		}},
		{Label: "Downloads", Cell: func(d shareDetail, _ list.Env) list.Cell { return list.Text(shareDownloads(d.ShareLink)) }},
		{Label: "Expires", Cell: func(d shareDetail, e list.Env) list.Cell { return shareExpiry(d.ShareLink, e) }},
		{Label: "Revoked", Cell: func(d shareDetail, _ list.Env) list.Cell { return list.Time(d.RevokedAt) }},
		{Label: "Made", Cell: func(d shareDetail, _ list.Env) list.Cell { return list.Time(&d.CreatedAt) }},
		{Label: "Id", Cell: func(d shareDetail, _ list.Env) list.Cell { return list.ID(d.ID.String(), "", "link id") }},
	}
}

func (s *site) sharesList() *list.Resource[*domain.ShareLink] {
	state := list.Filter{Key: "state", Label: "State", Icon: "circle-dot", Many: true, Counted: true}
	for _, st := range domain.ShareStates {
		_, word, _ := sharePill(st)
		state.Options = append(state.Options, list.Option{Value: string(st), Label: word})
	}
	return &list.Resource[*domain.ShareLink]{
		Name: "shares", Title: "Share links", One: "share link", Many: "share links", Path: adminSharesPath, AdminOnly: true,
		SearchHint: "Name, beginning or id", SelectAll: true, Exports: true,
		Filters: []list.Filter{
			state,
			{Key: "kind", Label: "Leads to", Icon: "layers", Many: true, Counted: true, Options: []list.Option{
				{Value: string(domain.ShareOfFile), Label: "A file"}, {Value: string(domain.ShareOfBatch), Label: "A batch"},
			}},
			s.person("creator", "Made by"),
			list.Created(),
			list.ByID("file", "File", s.fileName),
			list.ByID("batch", "Batch", s.batchName),
		},
		Columns: shareColumns(),
		Source:  s.Shares.List,
		Tally:   s.tallyOf(usecase.KindShares),
		ID:      func(l *domain.ShareLink) uuid.UUID { return l.ID },
		Label:   func(l *domain.ShareLink) string { return "the link to " + shareName(l) },
		Cursor:  func(l *domain.ShareLink) ports.Cursor { return ports.Cursor{At: l.CreatedAt, ID: l.ID} },
		Note:    "newest first",
		Actions: []list.Action{{
			Name: "revoke", Label: "Revoke…", Icon: "ban", Verb: "Revoke", Danger: true, Keep: "Keep them",
			Confirm: "Whoever has them reads that they were taken back, from their next request on. Those that were revoked before stay as they are. This cannot be undone.",
			Run:     s.revokeShares,
		}},
		Empty: list.Empty{
			Art: "door", Title: "Nothing is shared", Text: "A share link lets somebody without an account download a file or a batch. It is made on the page of that file or batch.",
			URL: "/app/files/", URLText: "Go to files", Icon: "file",
		},
	}
}

func shareColumns() []list.Column[*domain.ShareLink] {
	return []list.Column[*domain.ShareLink]{
		{Key: "target", Label: "Leads to", Class: "grow", Cell: func(l *domain.ShareLink, _ list.Env) list.Cell {
			return list.Link(shareName(l), adminSharesPath+l.ID.String()+"/")
		}},
		{Key: "kind", Label: "Kind", Class: "hide", Cell: func(l *domain.ShareLink, _ list.Env) list.Cell {
			kind, _ := l.Kind()
			return list.Tag(string(kind))
		}},
		{Key: "state", Label: "State", Cell: func(l *domain.ShareLink, e list.Env) list.Cell { return list.Pill(sharePill(l.State(e.Now))) }},
		{Key: "prefix", Label: "Begins with", Class: "dim hide", Cell: func(l *domain.ShareLink, _ list.Env) list.Cell { return list.Code(l.Prefix + "…") }},
		{Key: "downloads", Label: "Downloads", Class: "num", CardLabel: "downloads", Cell: func(l *domain.ShareLink, _ list.Env) list.Cell {
			if l.MaxDownloads == 0 {
				return list.Text(groupInt(l.Downloads))
			}
			return list.Text(groupInt(l.Downloads) + " of " + groupInt(l.MaxDownloads))
		}},
		{Key: "creator", Label: "Made by", Class: "dim max-w-40 truncate", Cell: func(l *domain.ShareLink, _ list.Env) list.Cell {
			if l.CreatedBy == nil {
				return list.Faint("nobody any more")
			}
			return list.Text(l.CreatorName)
		}},
		{Key: "expires", Label: "Expires", Class: "num dim", CardLabel: "expires", Cell: func(l *domain.ShareLink, e list.Env) list.Cell { return shareExpiry(l, e) }},
		{Key: "created", Label: "Made", Class: "num dim end", CardLabel: "made", Cell: func(l *domain.ShareLink, _ list.Env) list.Cell { return list.Time(&l.CreatedAt) }},
	}
}

func shareExpiry(l *domain.ShareLink, e list.Env) list.Cell {
	switch {
	case l.ExpiresAt == nil:
		return list.Faint("never")
	case l.State(e.Now) == domain.ShareLive && l.ExpiresAt.Sub(e.Now) < day:
		return list.Soon(l.ExpiresAt)
	}
	return list.Time(l.ExpiresAt)
}

// accessesList is the columns of a link's log, which has no list of its own.
func accessesList() *list.Resource[*domain.ShareAccess] {
	return &list.Resource[*domain.ShareAccess]{
		Name: "accesses", Title: "Downloads", One: "line", Many: "lines",
		ID:    func(a *domain.ShareAccess) uuid.UUID { return a.ID },
		Label: func(a *domain.ShareAccess) string { return accessLine(a).Text },
		Columns: []list.Column[*domain.ShareAccess]{
			{Key: "what", Label: "What", Cell: func(a *domain.ShareAccess, _ list.Env) list.Cell {
				line := accessLine(a)
				return list.Pill(line.State, line.Word, line.Icon)
			}},
			{Key: "file", Label: "File", Class: "grow", Cell: func(a *domain.ShareAccess, _ list.Env) list.Cell {
				if a.FileID == nil {
					return list.Faint("–")
				}
				return list.Link(a.FileName, "/admin/files/"+a.FileID.String()+"/")
			}},
			{Key: "ip", Label: "From", Class: "dim", Cell: func(a *domain.ShareAccess, _ list.Env) list.Cell { return list.Code(a.IP) }},
			{Key: "agent", Label: "With", Class: "dim hide", Cell: func(a *domain.ShareAccess, _ list.Env) list.Cell { return list.Text(deviceOf(a.UserAgent)) }},
			{Key: "at", Label: "When", Class: "num dim end", Cell: func(a *domain.ShareAccess, _ list.Env) list.Cell { return list.Time(&a.At) }},
		},
	}
}

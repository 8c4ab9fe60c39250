package web

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports/usecase"
)

func idsOf(id uuid.UUID) []uuid.UUID { return []uuid.UUID{id} }

// fileTrail merges what the file, its events and the audit log know, newest
// first.
func fileTrail(d *usecase.FileDetail) []TrailStop {
	f := d.File
	stops := []TrailStop{{State: "uploading", Text: "Upload began", At: &f.CreatedAt}}
	if f.StoredAt != nil {
		stops = append(stops, TrailStop{State: "stored", Text: "Stored and hashed", At: f.StoredAt})
	}
	if f.PurgedAt != nil {
		stops = append(stops, TrailStop{State: "deleted", Text: "Bytes purged", At: f.PurgedAt})
	}
	for _, e := range d.Events {
		told := slices.ContainsFunc(d.History, func(a *domain.AuditEntry) bool {
			return a.Action == string(e.Type) && e.Type != domain.EventFileDeleted
		})
		if stop, ok := eventStop(e); ok && !told {
			stops = append(stops, stop)
		}
	}
	for _, e := range d.History {
		stops = append(stops, auditStop(e))
	}
	slices.SortStableFunc(stops, func(a, b TrailStop) int { return b.At.Compare(*a.At) })
	return stops
}

// eventStop tells of events that the file's own times do not show.
func eventStop(e *domain.Event) (TrailStop, bool) {
	stop := TrailStop{At: &e.CreatedAt, Note: string(e.Type)}
	switch e.Type {
	case domain.EventFileExpiring:
		stop.State, stop.Icon, stop.Text = "pending", "hourglass", "Receivers told that it expires"
	case domain.EventFileProcessed:
		stop.State, stop.Text = "processed", "Marked processed"
	case domain.EventFileFailed:
		stop.State, stop.Text = "failed", "Marked failed"
	case domain.EventFileDeleted:
		stop.State, stop.Icon, stop.Text = "pending", "send", "Receivers told that it is gone"
	default:
		return stop, false
	}
	return stop, true
}

// auditWords says an action as people do; others are shown by their name.
var auditWords = map[string]TrailStop{
	"file.deleted": {State: "deleted", Text: "Deleted"},
	"file.expired": {State: "deleted", Icon: "hourglass", Text: "Expired"},

	"file.processed": {State: "processed", Text: "Marked processed"},
	"file.failed":    {State: "failed", Text: "Marked failed"},

	"endpoint.created":             {State: "active", Icon: "plus", Text: "Made"},
	"endpoint.changed":             {State: "pending", Icon: "pencil", Text: "Changed"},
	"endpoint.enabled":             {State: "active", Icon: "power", Text: "Switched on"},
	"endpoint.failing":             {State: "failed", Icon: "triangle-alert", Text: "Nothing gets through"},
	"endpoint.disabled":            {State: "disabled", Icon: "power-off", Text: "Switched off"},
	"endpoint.secret_rotated":      {State: "active", Icon: "key-round", Text: "Secret rotated"},
	"endpoint.secret_retired":      {State: "cancelled", Icon: "ban", Text: "Secret retired"},
	"endpoint.secret_revealed":     {State: "slowed", Icon: "eye", Text: "Secret shown"},
	"endpoint.certificate_set":     {State: "active", Icon: "shield-check", Text: "Client certificate set"},
	"endpoint.certificate_removed": {State: "cancelled", Icon: "ban", Text: "Client certificate removed"},
	"endpoint.retried":             {State: "pending", Icon: "rotate-cw", Text: "Failed deliveries sent again"},
	"replay.started":               {State: "pending", Icon: "history", Text: "Replay started"},
	"replay.cancelled":             {State: "cancelled", Icon: "ban", Text: "Replay cancelled"},
	"endpoint.resealed":            {State: "pending", Icon: "refresh-cw", Text: "Encrypted under the newest SECRET_KEY"},

	"user.created":             {State: "active", Icon: "plus", Text: "Made"},
	"user.changed":             {State: "pending", Icon: "pencil", Text: "Changed"},
	"user.signed_in":           {State: "active", Icon: "log-in", Text: "Signed in"},
	"user.password_set":        {State: "slowed", Icon: "key-round", Text: "Set a new password"},
	"user.second_factor_on":    {State: "active", Icon: "shield-check", Text: "Second factor turned on"},
	"user.second_factor_off":   {State: "cancelled", Icon: "shield", Text: "Second factor turned off"},
	"user.second_factor_reset": {State: "slowed", Icon: "shield", Text: "Second factor reset"},
	"user.recovery_codes_made": {State: "active", Icon: "key-round", Text: "Recovery codes made anew"},
	"user.recovery_code_used":  {State: "slowed", Icon: "key-round", Text: "Recovery code used"},
	"user.session_ended":       {State: "cancelled", Icon: "log-out", Text: "Signed a browser out"},
	"user.access_ended":        {State: "cancelled", Icon: "log-out", Text: "Revoked all access"},
	"user.deleted":             {State: "deleted", Text: "Deleted"},

	"schedule.created":   {State: "active", Icon: "plus", Text: "Made"},
	"schedule.changed":   {State: "pending", Icon: "pencil", Text: "Changed"},
	"schedule.run":       {State: "pending", Icon: "play", Text: "Asked for a run"},
	"schedule.deleted":   {State: "deleted", Text: "Deleted"},
	"file.checked":       {State: "complete", Icon: "shield-check", Text: "Read its bytes back"},
	"file.extended":      {State: "pending", Icon: "hourglass", Text: "Kept longer"},
	"batch.renamed":      {State: "pending", Icon: "pencil", Text: "Renamed"},
	"batch.finalised":    {State: "complete", Icon: "lock", Text: "Finalised"},
	"event.retried":      {State: "pending", Icon: "rotate-cw", Text: "Retried its failed deliveries"},
	"delivery.reopened":  {State: "pending", Icon: "rotate-cw", Text: "Sent again"},
	"delivery.cancelled": {State: "cancelled", Text: "Cancelled"},

	"session.aborted": {State: "aborted", Text: "Aborted"},

	"user.joined":         {State: "active", Icon: "log-in", Text: "Joined"},
	"invitation.created":  {State: "pending", Icon: "door-open", Text: "Invited"},
	"invitation.accepted": {State: "active", Icon: "check", Text: "Accepted"},
	"invitation.revoked":  {State: "cancelled", Icon: "ban", Text: "Taken back"},

	"file.shared":        {State: "active", Icon: "link", Text: "Shared"},
	"file.unshared":      {State: "cancelled", Icon: "ban", Text: "Share link revoked"},
	"batch.shared":       {State: "active", Icon: "link", Text: "Shared"},
	"batch.unshared":     {State: "cancelled", Icon: "ban", Text: "Share link revoked"},
	"sharelink.shared":   {State: "active", Icon: "link", Text: "Made"},
	"sharelink.unshared": {State: "cancelled", Icon: "ban", Text: "Revoked"},

	"token.created": {State: "active", Icon: "key-round", Text: "Made"},
	"token.revoked": {State: "cancelled", Icon: "ban", Text: "Revoked"},
}

// changeWords says what changed in one line; ids are left out.
func changeWords(changes map[string]string) string {
	var words []string
	for _, field := range slices.Sorted(maps.Keys(changes)) {
		switch field {
		case "secret", "fingerprint", "replay":
		default:
			words = append(words, field+": "+changes[field])
		}
	}
	return clip(strings.Join(words, "; "), 200)
}

func auditStop(e *domain.AuditEntry) TrailStop {
	stop, ok := auditWords[e.Action]
	if !ok {
		stop = TrailStop{State: "none", Icon: "scroll-text", Text: strings.ReplaceAll(e.Action, "_", " ")}
	}
	if e.ActorID != nil {
		stop.Text += " by " + e.ActorName
	}
	stop.At = &e.At
	return stop
}

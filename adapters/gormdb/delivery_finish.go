package gormdb

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

var resultColumns = []column{
	{"rid", kindUUID}, {"new_status", kindText}, {"made", kindInt}, {"made_ever", kindInt}, {"next_at", kindTime}, {"last_at", kindTime},
	{"code", kindInt}, {"class", kindText}, {"error", kindText}, {"done_at", kindTime}, {"changed_at", kindTime},
}

// Finish implements ports.DeliveryQueue: one statement for the leases, one for
// the deliveries, one for the attempts, and one for the health of their
// endpoints. Whose lease is somebody else's by now is left alone.
func (s *Deliveries) Finish(ctx context.Context, token uuid.UUID, rs []ports.DeliveryResult) ([]uuid.UUID, error) {
	tx, err := s.writing(ctx)
	if err != nil || len(rs) == 0 {
		return nil, err
	}
	if err := s.d.steer(tx); err != nil {
		return nil, translate(err, "delivery")
	}
	ids := make([]uuid.UUID, len(rs))
	for i, r := range rs {
		ids[i] = r.Delivery.ID
	}
	ours, err := s.unlease(tx, &token, ids)
	if err == nil && len(ours) < len(rs) {
		ours, err = s.unclaimed(tx, rs)
	}
	if err != nil || len(ours) == 0 {
		return nil, err
	}
	written, err := s.writeResults(tx, keptResults(rs, ours))
	if err != nil || len(written) == 0 {
		return nil, err
	}
	kept := keptResults(rs, written)
	for _, r := range kept {
		s.ringIfDue(r.Delivery)
	}
	if err := insertAttempts(tx, s.d, kept); err != nil {
		return nil, err
	}
	return written, s.noteHealth(tx, kept)
}

// unclaimed are the deliveries that nobody has leased though this attempt is not
// written: those whose lease has just ended here, and those whose lease no disk
// had when a database died.
func (s *Deliveries) unclaimed(tx *gorm.DB, rs []ports.DeliveryResult) ([]uuid.UUID, error) {
	rows := make([][]any, len(rs))
	for i, r := range rs {
		rows[i] = []any{r.Delivery.ID, r.Delivery.AttemptsMade}
	}
	batch, err := s.d.relation("r", []column{{"rid", kindUUID}, {"made_ever", kindInt}}, rows)
	if err != nil {
		return nil, err
	}
	ids, err := idsOf(tx.Raw(`SELECT d.id FROM ? JOIN webhook_deliveries d ON `+s.d.is("d.id", "r.rid")+` WHERE `+isPending("d")+` AND d.attempts_made < r.made_ever
		AND (SELECT 1 FROM delivery_leases l WHERE l.delivery_id = d.id) IS NULL`, batch))
	return ids, translate(err, "delivery")
}

// writeResults returns the deliveries that were still pending.
func (s *Deliveries) writeResults(tx *gorm.DB, rs []ports.DeliveryResult) ([]uuid.UUID, error) {
	rows := make([][]any, len(rs))
	for i, r := range rs {
		d := fromDelivery(r.Delivery)
		rows[i] = []any{d.ID, d.Status, d.Attempts, d.AttemptsMade, d.NextAttemptAt, d.LastAttemptAt, d.LastStatusCode, d.LastErrorClass, d.LastError, d.DeliveredAt, d.UpdatedAt}
	}
	slices.SortFunc(rows, func(a, b []any) int { return compareIDs(a[0].(uuid.UUID), b[0].(uuid.UUID)) })
	return s.updateResults(tx, rows)
}

func (s *Deliveries) updateResults(tx *gorm.DB, rows [][]any) ([]uuid.UUID, error) {
	batch, err := s.d.relation("r", resultColumns, rows)
	if err != nil {
		return nil, err
	}
	written, err := idsOf(tx.Raw(resultUpdate(s.d), batch))
	return written, translate(err, "delivery")
}

func resultUpdate(d dialect) string {
	return `UPDATE webhook_deliveries SET status = r.new_status, attempts = r.made, attempts_made = r.made_ever, next_attempt_at = r.next_at,
		last_attempt_at = r.last_at, last_status_code = r.code, last_error_class = r.class, last_error = r.error, delivered_at = r.done_at,
		updated_at = r.changed_at
	FROM ? WHERE ` + d.is("id", "r.rid") + ` AND ` + isPending("webhook_deliveries") + ` RETURNING id`
}

// compareIDs is the order in which deliveries are written, so that results and
// the renewal of the same leases never deadlock.
func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// keptResults are the results of the deliveries that were written.
func keptResults(rs []ports.DeliveryResult, written []uuid.UUID) []ports.DeliveryResult {
	ok := make(map[uuid.UUID]bool, len(written))
	for _, id := range written {
		ok[id] = true
	}
	kept := make([]ports.DeliveryResult, 0, len(written))
	for _, r := range rs {
		if ok[r.Delivery.ID] {
			kept = append(kept, r)
		}
	}
	return kept
}

var attemptColumns = []column{
	{"id", kindUUID}, {"delivery_id", kindUUID}, {"endpoint_id", kindUUID}, {"number", kindInt}, {"started_at", kindTime},
	{"dns_us", kindInt}, {"connect_us", kindInt}, {"tls_us", kindInt}, {"first_byte_us", kindInt}, {"total_us", kindInt},
	{"url", kindText}, {"status_code", kindInt}, {"request_headers", kindJSON}, {"response_headers", kindJSON}, {"response_body", kindBytes},
	{"truncated", kindBool}, {"error_class", kindText}, {"error_text", kindText},
}

func insertAttempts(tx *gorm.DB, d dialect, rs []ports.DeliveryResult) error {
	var rows [][]any
	for _, r := range rs {
		if r.Attempt != nil {
			rows = append(rows, attemptValues(r.Attempt))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	inserting, err := d.insertingAttempts(rows)
	if err != nil {
		return err
	}
	return translate(later(tx, inserting), "attempt")
}

func (d dialect) insertingAttempts(rows [][]any) (clause.Expr, error) {
	batch, err := d.relation("r", attemptColumns, rows)
	names := columnNames(attemptColumns)
	return clause.Expr{SQL: "INSERT INTO delivery_attempts (" + names + ") SELECT " + names + " FROM ?", Vars: []any{batch}}, err
}

// attemptValues are in the order of attemptColumns.
func attemptValues(a *domain.Attempt) []any {
	return []any{
		a.ID, a.DeliveryID, a.EndpointID, a.Number, at(a.StartedAt),
		a.Phases.DNS.Microseconds(), a.Phases.Connect.Microseconds(), a.Phases.TLS.Microseconds(), a.Phases.FirstByte.Microseconds(), a.Phases.Total.Microseconds(),
		clean(a.URL), a.StatusCode, document[map[string][]string]{cleanHeader(a.RequestHeaders)}, document[map[string][]string]{cleanHeader(a.ResponseHeaders)},
		append([]byte{}, a.ResponseBody...), a.Truncated, string(a.ErrorClass), clean(a.ErrorText),
	}
}

func columnNames(cols []column) string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

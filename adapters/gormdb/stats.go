package gormdb

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Stats answers the dashboard's questions from the rows themselves.
type Stats struct{ conn }

var _ ports.Stats = (*Stats)(nil)

// FilesByHour implements ports.Stats. Files on their way count as neither.
func (s *Stats) FilesByHour(ctx context.Context, owner *uuid.UUID, from, to time.Time) ([]ports.FileHour, error) {
	var rows []struct {
		Hour           string
		Stored, Failed int
		Bytes          int64
	}
	sql, args := `SELECT `+s.d.hour("f.created_at")+` AS hour, count(f.stored_at) AS stored,
		count(CASE WHEN f.stored_at IS NULL AND f.status <> 'uploading' THEN 1 END) AS failed,
		coalesce(sum(CASE WHEN f.stored_at IS NOT NULL THEN f.size_bytes END), 0) AS bytes
		FROM upload_files f WHERE f.created_at >= ? AND f.created_at < ?`, []any{at(from), at(to)}
	if owner != nil {
		sql, args = sql+" AND f.uploaded_by = ?", append(args, *owner)
	}
	if err := s.reading(ctx).Raw(sql+" GROUP BY 1 ORDER BY 1", args...).Scan(&rows).Error; err != nil {
		return nil, translate(err, "figure")
	}
	out := make([]ports.FileHour, len(rows))
	for i, r := range rows {
		hour, err := parseHour(r.Hour)
		if err != nil {
			return nil, err
		}
		out[i] = ports.FileHour{Hour: hour, Stored: r.Stored, Failed: r.Failed, Bytes: r.Bytes}
	}
	return out, nil
}

func parseHour(text string) (time.Time, error) {
	t, err := time.Parse(hourLayout, text)
	if err != nil {
		return t, fmt.Errorf("an hour of the figures: %w", err)
	}
	return t, nil
}

// attemptOK is domain.Attempt.OK.
const attemptOK = "a.error_class = '' AND a.status_code BETWEEN 200 AND 299"

// attemptAnswered tells an attempt that got an answer of any kind.
const attemptAnswered = "a.status_code > 0"

// percentiles are the nearest ranks of the durations until an answer, in a group
// whose rows carry their rank among the answered, or the others, and how many
// those are. Without an answer they are 0.
const percentiles = `coalesce(min(CASE WHEN x.answered AND x.rank * 100 >= x.size * 50 THEN x.total_us END), 0) AS p50,
	coalesce(min(CASE WHEN x.answered AND x.rank * 100 >= x.size * 95 THEN x.total_us END), 0) AS p95`

// AttemptsByHour implements ports.Stats.
func (s *Stats) AttemptsByHour(ctx context.Context, endpoint *uuid.UUID, from, to time.Time) ([]ports.AttemptHour, error) {
	var rows []struct {
		Hour       string
		EndpointID uuid.UUID
		OK, Failed int
		FirstTry   int
		P50, P95   int64
	}
	cond, args := "a.started_at >= ? AND a.started_at < ?", []any{at(from), at(to)}
	if endpoint != nil {
		cond, args = cond+" AND a.endpoint_id = ?", append(args, *endpoint)
	}
	err := s.reading(ctx).Raw(`SELECT x.hour, x.endpoint_id, sum(x.ok) AS ok, sum(1 - x.ok) AS failed, sum(CASE WHEN x.number = 1 THEN x.ok ELSE 0 END) AS first_try, `+percentiles+`
		FROM (
			SELECT h.*, row_number() OVER (PARTITION BY h.endpoint_id, h.hour, h.answered ORDER BY h.total_us) AS rank, count(*) OVER (PARTITION BY h.endpoint_id, h.hour, h.answered) AS size
			FROM (SELECT `+s.d.hour("a.started_at")+` AS hour, a.endpoint_id, a.number, a.total_us, `+attemptAnswered+` AS answered, CASE WHEN `+attemptOK+` THEN 1 ELSE 0 END AS ok
				FROM delivery_attempts a WHERE `+cond+`) AS h
		) AS x GROUP BY x.hour, x.endpoint_id ORDER BY x.hour, x.endpoint_id`, args...).Scan(&rows).Error
	if err != nil {
		return nil, translate(err, "figure")
	}
	out := make([]ports.AttemptHour, len(rows))
	for i, r := range rows {
		hour, err := parseHour(r.Hour)
		if err != nil {
			return nil, err
		}
		out[i] = ports.AttemptHour{Hour: hour, EndpointID: r.EndpointID, OK: r.OK, Failed: r.Failed, FirstTry: r.FirstTry, P50: micros(r.P50), P95: micros(r.P95)}
	}
	return out, nil
}

// EndpointHealth implements ports.Stats.
func (s *Stats) EndpointHealth(ctx context.Context, since time.Time) (map[uuid.UUID]ports.Health, error) {
	var rows []struct {
		ID                         uuid.UUID
		Delivered, Failed, Pending int
		P50, P95                   int64
	}
	err := s.reading(ctx).Raw(`SELECT p.id, coalesce(y.ok, 0) AS delivered, coalesce(y.failed, 0) AS failed, coalesce(y.p50, 0) AS p50, coalesce(y.p95, 0) AS p95,
			(SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = p.id AND d.status = 'pending' LIMIT ?) AS c) AS pending
		FROM webhook_endpoints p LEFT JOIN (
			SELECT x.endpoint_id, sum(x.ok) AS ok, sum(1 - x.ok) AS failed, `+percentiles+`
			FROM (SELECT a.endpoint_id, a.total_us, `+attemptAnswered+` AS answered, CASE WHEN `+attemptOK+` THEN 1 ELSE 0 END AS ok,
					row_number() OVER (PARTITION BY a.endpoint_id, `+attemptAnswered+` ORDER BY a.total_us) AS rank, count(*) OVER (PARTITION BY a.endpoint_id, `+attemptAnswered+`) AS size
				FROM delivery_attempts a WHERE a.started_at >= ?) AS x
			GROUP BY x.endpoint_id
		) AS y ON y.endpoint_id = p.id`, ports.CountCap, at(since)).Scan(&rows).Error
	out := make(map[uuid.UUID]ports.Health, len(rows))
	for _, r := range rows {
		out[r.ID] = ports.Health{Delivered: r.Delivered, Failed: r.Failed, Pending: r.Pending, P50: micros(r.P50), P95: micros(r.P95)}
	}
	return out, translate(err, "figure")
}

// Backlogs implements ports.Stats.
func (s *Stats) Backlogs(ctx context.Context) ([]ports.Backlog, error) {
	var rows []struct {
		ID      uuid.UUID
		Name    string
		Active  bool
		Pending int
		Oldest  stamp
		Next    stamp
	}
	err := s.reading(ctx).Raw(`SELECT b.* FROM (SELECT p.id, p.name, p.active,
			(SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = p.id AND d.status = 'pending' LIMIT ?) AS c) AS pending,
			(SELECT d.created_at FROM webhook_deliveries d WHERE d.endpoint_id = p.id AND d.status = 'pending' ORDER BY d.created_at, d.id LIMIT 1) AS oldest,
			(SELECT d.next_attempt_at FROM webhook_deliveries d WHERE d.endpoint_id = p.id AND d.status = 'pending' ORDER BY d.next_attempt_at LIMIT 1) AS next
		FROM webhook_endpoints p) AS b WHERE b.pending > 0 ORDER BY b.pending DESC, b.oldest`, ports.CountCap).Scan(&rows).Error
	out := make([]ports.Backlog, len(rows))
	for i, r := range rows {
		out[i] = ports.Backlog{EndpointID: r.ID, Name: r.Name, Active: r.Active, Pending: r.Pending, Oldest: r.Oldest.Time, Next: r.Next.Time}
	}
	return out, translate(err, "figure")
}

// Storage implements ports.Stats.
func (s *Stats) Storage(ctx context.Context, owner *uuid.UUID) (int64, int, error) {
	var row struct {
		Bytes int64
		Files int
	}
	sql, args := "SELECT coalesce(sum(size_bytes), 0) AS bytes, count(*) AS files FROM upload_files WHERE stored_at IS NOT NULL AND purged_at IS NULL", []any{}
	if owner != nil {
		sql, args = sql+" AND uploaded_by = ?", []any{*owner}
	}
	err := s.reading(ctx).Raw(sql, args...).Scan(&row).Error
	return row.Bytes, row.Files, translate(err, "figure")
}

// DeliveriesByStatus implements ports.Stats. Every status has a count.
func (s *Stats) DeliveriesByStatus(ctx context.Context, endpoint uuid.UUID) (map[domain.DeliveryStatus]int, error) {
	out := make(map[domain.DeliveryStatus]int, len(domain.DeliveryStatuses))
	for _, status := range domain.DeliveryStatuses {
		var n int
		err := s.reading(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries WHERE endpoint_id = ? AND status = ? LIMIT ?) AS c",
			endpoint, string(status), ports.CountCap).Scan(&n).Error
		if err != nil {
			return nil, translate(err, "figure")
		}
		out[status] = n
	}
	return out, nil
}

// DeliveredOf implements ports.Stats. Files without deliveries are left out.
func (s *Stats) DeliveredOf(ctx context.Context, files []uuid.UUID) (map[uuid.UUID][2]int, error) {
	out := make(map[uuid.UUID][2]int, len(files))
	if len(files) == 0 {
		return out, nil
	}
	var rows []struct {
		ID              uuid.UUID
		Delivered, Owed int
	}
	err := s.reading(ctx).Raw(`SELECT e.aggregate_id AS id, count(CASE WHEN d.status = 'delivered' THEN 1 END) AS delivered, count(*) AS owed
		FROM outbox_events e JOIN webhook_deliveries d ON d.event_id = e.id
		WHERE e.aggregate_id IN ? AND e.event_type = 'file.stored' GROUP BY e.aggregate_id`, files).Scan(&rows).Error
	for _, r := range rows {
		out[r.ID] = [2]int{r.Delivered, r.Owed}
	}
	return out, translate(err, "figure")
}

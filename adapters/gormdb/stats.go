package gormdb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Stats answers the dashboard's questions, from the hours that Figures filled and
// from the rows themselves.
type Stats struct{ conn }

var (
	_ ports.Stats  = (*Stats)(nil)
	_ ports.Charts = (*Stats)(nil)
)

func parseHour(text string) (time.Time, error) {
	t, err := time.Parse(hourLayout, text)
	if err != nil {
		return t, fmt.Errorf("an hour of the figures: %w", err)
	}
	return t, nil
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

// DeliveriesByStatus implements ports.Stats. Every status has a count.
func (s *Stats) DeliveriesByStatus(ctx context.Context, endpoint uuid.UUID) (map[domain.DeliveryStatus]int, error) {
	out := make(map[domain.DeliveryStatus]int, len(domain.DeliveryStatuses))
	count := func(most int, cond string, args ...any) (n int, err error) {
		of := s.asking(ctx).Table("webhook_deliveries").Select("1").Where("endpoint_id = ?", endpoint).Where(cond, args...).Limit(most)
		err = s.asking(ctx).Table("(?) AS c", of).Select("count(*)").Scan(&n).Error
		return n, translate(err, "figure")
	}
	others := 0
	for _, status := range domain.DeliveryStatuses {
		if status == domain.DeliveryDelivered {
			continue
		}
		n, err := count(ports.CountCap, "status = ?", string(status))
		if err != nil {
			return nil, err
		}
		out[status] = n
		others += n
	}
	// What is delivered has no index by its state: it is what the others leave over,
	// unless they were not all counted.
	n, err := count(ports.CountCap+others, "1 = 1")
	if n -= others; slices.Contains(slices.Collect(maps.Values(out)), ports.CountCap) {
		n, err = count(ports.CountCap, "status = ?", string(domain.DeliveryDelivered))
	}
	out[domain.DeliveryDelivered] = max(n, 0)
	return out, err
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

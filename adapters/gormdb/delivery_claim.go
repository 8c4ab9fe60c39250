package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// room says for each endpoint how many more deliveries may be leased. It reads
// the index of live leases only for endpoints that have something due.
const room = `SELECT p.id, p.active, coalesce(nullif(p.max_in_flight, 0), ?) - (
		SELECT count(*) FROM webhook_deliveries l WHERE l.endpoint_id = p.id AND l.lease_token IS NOT NULL AND l.lease_until > ?
	) AS free
	FROM webhook_endpoints p
	WHERE EXISTS (SELECT 1 FROM webhook_deliveries q WHERE q.endpoint_id = p.id AND q.status = 'pending' AND q.next_attempt_at >= ? AND q.next_attempt_at <= ?)`

// due are the deliveries of one endpoint p that may be sent, oldest first. The
// index is entered at (endpoint, from), so neither another endpoint's backlog
// nor dead entries before the bound are read.
const due = `d.endpoint_id = p.id AND d.status = 'pending' AND d.next_attempt_at >= ? AND d.next_attempt_at <= ?
	AND (d.lease_until IS NULL OR d.lease_until <= ?) AND (p.active OR d.event_type = 'ping')`

// Claim implements ports.DeliveryQueue.
func (s *Deliveries) Claim(ctx context.Context, c ports.ClaimRequest) ([]*domain.Delivery, error) {
	tx, err := s.writing(ctx)
	if err != nil || c.Limit <= 0 {
		return nil, err
	}
	if err := s.d.lineUp(tx); err != nil {
		return nil, translate(err, "delivery")
	}
	pick := s.pickSQLite
	if s.d.isPostgres() {
		pick = s.pickPostgres
	}
	var rows []deliveryRow
	err = tx.Raw(`UPDATE webhook_deliveries SET lease_token = ?, lease_until = ?, updated_at = ? WHERE id IN (?) RETURNING *`,
		c.Token, at(c.Until), at(c.Now), pick(c)).Scan(&rows).Error
	if err != nil {
		return nil, translate(err, "delivery")
	}
	return mapped(rows, toDelivery), nil
}

// endpoints is the relation of endpoints with room, as far as c asks for them.
func (s *Deliveries) endpoints(c ports.ClaimRequest) (string, []any) {
	from, now := at(c.From), at(c.Now)
	sql, args := room, []any{domain.DefaultMaxInFlight, now, from, now}
	if c.OnlyID != nil {
		sql, args = sql+" AND p.id = (SELECT o.endpoint_id FROM webhook_deliveries o WHERE o.id = ?)", append(args, *c.OnlyID)
	}
	return sql, args
}

func (s *Deliveries) dueOf(c ports.ClaimRequest) (string, []any) {
	sql, args := due, []any{at(c.From), at(c.Now), at(c.Now)}
	if c.OnlyID != nil {
		sql, args = sql+" AND d.id = ?", append(args, *c.OnlyID)
	}
	return sql, args
}

// pickPostgres takes from each endpoint no more than it has room for, and
// passes over rows that others hold. Only what is taken gets locked.
func (s *Deliveries) pickPostgres(c ports.ClaimRequest) clause.Expr {
	ends, args := s.endpoints(c)
	dues, dueArgs := s.dueOf(c)
	args = append(append(args, dueArgs...), c.Limit, c.Limit, at(c.Now))
	return clause.Expr{SQL: `SELECT t.id FROM (
		SELECT picked.id FROM (` + ends + `) AS p CROSS JOIN LATERAL (
			SELECT d.id, d.next_attempt_at FROM webhook_deliveries d WHERE ` + dues + `
			ORDER BY d.next_attempt_at, d.id LIMIT least(greatest(p.free, 0), ?)
		) AS picked ORDER BY picked.next_attempt_at, picked.id LIMIT ?
	) AS oldest JOIN webhook_deliveries t ON t.id = oldest.id
	WHERE t.status = 'pending' AND (t.lease_until IS NULL OR t.lease_until <= ?)` + s.d.forUpdateSkipping("t"), Vars: args}
}

// pickSQLite does the same without LATERAL: the oldest due of each endpoint,
// of which those within its room are kept.
func (s *Deliveries) pickSQLite(c ports.ClaimRequest) clause.Expr {
	ends, args := s.endpoints(c)
	dues, dueArgs := s.dueOf(c)
	args = append(append(args, dueArgs...), c.Limit, c.Limit)
	return clause.Expr{SQL: `SELECT id FROM (
		SELECT t.id, t.next_attempt_at, p.free, row_number() OVER (PARTITION BY t.endpoint_id ORDER BY t.next_attempt_at, t.id) AS rank
		FROM (` + ends + `) AS p CROSS JOIN webhook_deliveries t ON t.id IN (
			SELECT d.id FROM webhook_deliveries d WHERE ` + dues + ` ORDER BY d.next_attempt_at, d.id LIMIT ?
		)
	) WHERE rank <= free ORDER BY next_attempt_at, id LIMIT ?`, Vars: args}
}

// Renew implements ports.DeliveryQueue.
func (s *Deliveries) Renew(ctx context.Context, token uuid.UUID, ids []uuid.UUID, until time.Time) ([]uuid.UUID, error) {
	tx, err := s.writing(ctx)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	wanted, err := s.d.idsRelation("r", ids)
	if err != nil {
		return nil, err
	}
	var held []uuid.UUID
	err = tx.Raw(`UPDATE webhook_deliveries SET lease_until = ? FROM ? WHERE id = r.rid AND lease_token = ? AND status = 'pending' RETURNING id`,
		at(until), wanted, token).Scan(&held).Error
	return held, translate(err, "delivery")
}

// Release implements ports.DeliveryQueue.
func (s *Deliveries) Release(ctx context.Context, token uuid.UUID, ids []uuid.UUID) error {
	tx, err := s.writing(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	wanted, err := s.d.idsRelation("r", ids)
	if err != nil {
		return err
	}
	tx = tx.Exec(`UPDATE webhook_deliveries SET lease_token = NULL, lease_until = NULL FROM ? WHERE id = r.rid AND lease_token = ?`, wanted, token)
	s.tx.ring = s.tx.ring || tx.RowsAffected > 0
	return translate(tx.Error, "delivery")
}

// Leased implements ports.DeliveryQueue. Inside a transaction it stands in
// line with claims: what it counted holds until the commit.
func (s *Deliveries) Leased(ctx context.Context, now time.Time) (map[uuid.UUID]int, error) {
	if s.tx != nil {
		if err := s.d.lineUp(s.reading(ctx)); err != nil {
			return nil, translate(err, "delivery")
		}
	}
	var rows []struct {
		EndpointID uuid.UUID
		N          int
	}
	err := s.reading(ctx).Raw(`SELECT endpoint_id, count(*) AS n FROM webhook_deliveries
		WHERE lease_token IS NOT NULL AND lease_until > ? GROUP BY endpoint_id`, at(now)).Scan(&rows).Error
	out := make(map[uuid.UUID]int, len(rows))
	for _, r := range rows {
		out[r.EndpointID] = r.N
	}
	return out, translate(err, "delivery")
}

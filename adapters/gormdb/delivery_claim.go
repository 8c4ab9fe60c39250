package gormdb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// room says for each endpoint how many more deliveries may be leased, and from
// when on it has something due. It reads the index of live leases only for
// endpoints that have. The LIMIT keeps PostgreSQL from joining all that is due.
const room = `SELECT p.id, p.active, coalesce(b.since, ?) AS since, %s AS free
	FROM webhook_endpoints p LEFT JOIN ? ON b.rid = p.id
	WHERE (p.paused_until IS NULL OR p.paused_until <= ?) AND (
		SELECT 1 FROM webhook_deliveries q WHERE q.endpoint_id = p.id AND q.status = 'pending' AND q.next_attempt_at >= coalesce(b.since, ?) AND q.next_attempt_at <= ? LIMIT 1
	) IS NOT NULL`

// leasedOf counts the live leases of one endpoint p.
const leasedOf = `(SELECT count(*) FROM webhook_deliveries l WHERE l.endpoint_id = p.id AND l.lease_token IS NOT NULL AND l.lease_until > ?)`

// saved is how much of a rate that was not used is kept, in microseconds.
const saved = 1_000_000

// due are the deliveries of one endpoint p that may be sent, oldest first. The
// index is entered at (endpoint, since), so neither another endpoint's backlog
// nor dead entries before the bound are read.
const due = `d.endpoint_id = p.id AND d.status = 'pending' AND d.next_attempt_at >= p.since AND d.next_attempt_at <= ?
	AND (d.lease_until IS NULL OR d.lease_until <= ?) AND (p.active OR d.event_type = 'ping')`

// claim leases what was picked, and tells whose rate it uses up.
const claim = `UPDATE webhook_deliveries SET lease_token = ?, lease_until = ?, updated_at = ? WHERE id IN (?)
	RETURNING *, (SELECT p.rate_limit FROM webhook_endpoints p WHERE p.id = endpoint_id) AS rate_limit`

// Claim implements ports.DeliveryQueue.
func (s *Deliveries) Claim(ctx context.Context, c ports.ClaimRequest) ([]*domain.Delivery, error) {
	tx, err := s.writing(ctx)
	if err != nil || c.Limit <= 0 {
		return nil, err
	}
	if err := s.d.lineUp(tx); err != nil {
		return nil, translate(err, "delivery")
	}
	pick, err := s.pick(c)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Delivery  deliveryRow `gorm:"embedded"`
		RateLimit int
	}
	err = tx.Raw(claim, c.Token, at(c.Until), at(c.Now), pick).Scan(&rows).Error
	if err != nil {
		return nil, translate(err, "delivery")
	}
	paced := make(map[uuid.UUID]int)
	got := make([]*domain.Delivery, len(rows))
	for i, r := range rows {
		if got[i] = toDelivery(r.Delivery); r.RateLimit > 0 {
			paced[got[i].EndpointID]++
		}
	}
	return got, s.pace(tx, paced, c.Now)
}

// pace uses up the rate of endpoints that have one.
func (s *Deliveries) pace(tx *gorm.DB, taken map[uuid.UUID]int, now time.Time) error {
	if len(taken) == 0 {
		return nil
	}
	var rows [][]any
	for id, n := range taken {
		rows = append(rows, []any{id, n})
	}
	batch, err := s.d.relation("r", []column{{"rid", kindUUID}, {"n", kindInt}}, rows)
	if err != nil {
		return err
	}
	err = tx.Exec(`UPDATE webhook_endpoints SET paced_us = `+s.d.greatest("paced_us", "?")+` + r.n * 1000000 / rate_limit FROM ? WHERE id = r.rid AND rate_limit > 0`,
		now.UnixMicro()-saved, batch).Error
	return translate(err, "endpoint")
}

// endpoints is the relation of endpoints with room, as far as c asks for them.
func (s *Deliveries) endpoints(c ports.ClaimRequest) (string, []any, error) {
	rows := make([][]any, 0, len(c.From))
	for id, since := range c.From {
		rows = append(rows, []any{id, at(since), c.Answered[id]})
	}
	for id, n := range c.Answered {
		if _, told := c.From[id]; !told {
			rows = append(rows, []any{id, at(time.Time{}), n})
		}
	}
	bounds, err := s.d.relation("b", []column{{"rid", kindUUID}, {"since", kindTime}, {"answered", kindInt}}, rows)
	if err != nil {
		return "", nil, err
	}
	limit, args := "coalesce(nullif(p.max_in_flight, 0), ?)", []any{at(time.Time{}), domain.DefaultMaxInFlight}
	if c.Most > 0 {
		limit, args = s.d.least(limit, "?"), append(args, c.Most)
	}
	us := c.Now.UnixMicro()
	limit = s.d.least("CASE WHEN p.paused_until IS NULL THEN "+limit+" ELSE 1 END + coalesce(b.answered, 0) - "+leasedOf,
		"CASE WHEN p.rate_limit > 0 THEN (? - "+s.d.greatest("p.paced_us", "?")+") * p.rate_limit / 1000000 ELSE 1000000 END")
	args = append(args, at(c.Now), us, us-saved, bounds, at(c.Now), at(time.Time{}), at(c.Now))
	sql := fmt.Sprintf(room, limit)
	if c.OnlyID != nil {
		sql, args = sql+" AND p.id = (SELECT o.endpoint_id FROM webhook_deliveries o WHERE o.id = ?)", append(args, *c.OnlyID)
	}
	return sql, args, nil
}

func (s *Deliveries) dueOf(c ports.ClaimRequest) (string, []any) {
	sql, args := due, []any{at(c.Now), at(c.Now)}
	if c.OnlyID != nil {
		sql, args = sql+" AND d.id = ?", append(args, *c.OnlyID)
	}
	return sql, args
}

// pick selects what is claimed.
func (s *Deliveries) pick(c ports.ClaimRequest) (clause.Expr, error) {
	ends, args, err := s.endpoints(c)
	if s.d.isPostgres() {
		return s.pickPostgres(c, ends, args), err
	}
	return s.pickSQLite(c, ends, args), err
}

// pickPostgres takes from each endpoint no more than it has room for, and
// passes over rows that others hold. Only what is taken gets locked.
func (s *Deliveries) pickPostgres(c ports.ClaimRequest, ends string, args []any) clause.Expr {
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
func (s *Deliveries) pickSQLite(c ports.ClaimRequest, ends string, args []any) clause.Expr {
	dues, dueArgs := s.dueOf(c)
	args = append(append(args, dueArgs...), c.Limit, c.Limit)
	return clause.Expr{SQL: `SELECT id FROM (
		SELECT t.id, t.next_attempt_at, p.free, row_number() OVER (PARTITION BY t.endpoint_id ORDER BY t.next_attempt_at, t.id) AS rank
		FROM (` + ends + `) AS p CROSS JOIN webhook_deliveries t ON t.id IN (
			SELECT d.id FROM webhook_deliveries d WHERE ` + dues + ` ORDER BY d.next_attempt_at, d.id LIMIT ?
		)
	) WHERE rank <= free ORDER BY next_attempt_at, id LIMIT ?`, Vars: args}
}

// heldUnder tells a delivery that is leased under a token. It is said in a way
// that no index answers: PostgreSQL believes that one row is pending and has this
// token, and would read all that are, or all leases, rather than the ids given.
const heldUnder = `coalesce(status, '') = 'pending' AND lease_token IS NOT DISTINCT FROM ?`

// Renew implements ports.DeliveryQueue.
func (s *Deliveries) Renew(ctx context.Context, token uuid.UUID, ids []uuid.UUID, until time.Time) ([]uuid.UUID, error) {
	tx, err := s.writing(ctx)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	wanted, err := s.d.idsRelation("r", slices.SortedFunc(slices.Values(ids), compareIDs))
	if err != nil {
		return nil, err
	}
	var held []uuid.UUID
	err = tx.Raw(`UPDATE webhook_deliveries SET lease_until = ? FROM ? WHERE id = r.rid AND `+heldUnder+` RETURNING id`,
		at(until), wanted, token).Scan(&held).Error
	return held, translate(err, "delivery")
}

// Release implements ports.DeliveryQueue.
func (s *Deliveries) Release(ctx context.Context, token uuid.UUID, ids []uuid.UUID) error {
	tx, err := s.writing(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	wanted, err := s.d.idsRelation("r", slices.SortedFunc(slices.Values(ids), compareIDs))
	if err != nil {
		return err
	}
	tx = tx.Exec(`UPDATE webhook_deliveries SET lease_token = NULL, lease_until = NULL FROM ? WHERE id = r.rid AND `+heldUnder, wanted, token)
	s.tx.ring = s.tx.ring || tx.RowsAffected > 0
	return translate(tx.Error, "delivery")
}

// Leased implements ports.DeliveryQueue. Inside a transaction it stands in
// line with claims: what it counted holds until the commit.
func (s *Deliveries) Leased(ctx context.Context, now time.Time) (map[uuid.UUID]int, map[uuid.UUID]bool, error) {
	if s.tx != nil {
		if err := s.d.lineUp(s.reading(ctx)); err != nil {
			return nil, nil, translate(err, "delivery")
		}
	}
	var rows []struct {
		ID     uuid.UUID
		N      int
		Slowed bool
	}
	err := s.reading(ctx).Raw(`SELECT endpoint_id AS id, count(*) AS n, FALSE AS slowed FROM webhook_deliveries
		WHERE lease_token IS NOT NULL AND lease_until > ? GROUP BY endpoint_id
		UNION ALL SELECT id, 0, TRUE FROM webhook_endpoints WHERE paused_until IS NOT NULL OR rate_limit > 0`, at(now)).Scan(&rows).Error
	n, slowed := make(map[uuid.UUID]int), make(map[uuid.UUID]bool)
	for _, r := range rows {
		if r.Slowed {
			slowed[r.ID] = true
		} else {
			n[r.ID] = r.N
		}
	}
	return n, slowed, translate(err, "delivery")
}

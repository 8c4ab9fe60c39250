package gormdb

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// room says for each endpoint how many more deliveries may be leased, and from
// when on it has something due. It reads the index of live leases only for
// endpoints that have. The LIMIT keeps PostgreSQL from joining all that is due.
const room = `SELECT p.id, p.active, coalesce(b.since, ?) AS since, coalesce(b.past, ?) AS past, %s AS free
	FROM webhook_endpoints p LEFT JOIN ? ON b.rid = p.id
	WHERE (p.paused_until IS NULL OR p.paused_until <= ?) AND (
		SELECT 1 FROM webhook_deliveries q WHERE q.endpoint_id = p.id AND q.status = 'pending' AND (q.next_attempt_at, q.id) > (coalesce(b.since, ?), coalesce(b.past, ?)) AND q.next_attempt_at <= ? LIMIT 1
	) IS NOT NULL`

// leasedOf counts the live leases of one endpoint p.
const leasedOf = `(SELECT count(*) FROM delivery_leases l WHERE l.endpoint_id = p.id AND l.until > ?)`

// leasedElsewhere is null when all live leases of one endpoint p are under one token.
const leasedElsewhere = `(SELECT 1 FROM delivery_leases l WHERE l.endpoint_id = p.id AND l.until > ? AND l.token <> ? LIMIT 1)`

// saved is how much of a rate that was not used is kept, in microseconds.
const saved = 1_000_000

// due are the deliveries of one endpoint p that may be sent, oldest first. The
// index is entered behind (endpoint, since, past), so neither another endpoint's backlog
// nor dead entries before the bound are read. A lease is looked up by its delivery
// alone: planned while there were none, a bound of until in the subquery would have
// it read all leases for each delivery.
const due = `d.endpoint_id = p.id AND d.status = 'pending' AND (d.next_attempt_at, d.id) > (p.since, p.past) AND d.next_attempt_at <= ?
	AND NOT coalesce((SELECT l.until > ? FROM delivery_leases l WHERE l.delivery_id = d.id), FALSE) AND (p.active OR d.event_type = 'ping')`

// claimed are the deliveries to lease, and whose rate they use up.
const claimed = `SELECT t.*, (SELECT p.rate_limit FROM webhook_endpoints p WHERE p.id = t.endpoint_id) AS rate_limit `

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
	rows, err := rowsOf(tx.Raw("?", pick), pgx.RowToStructByNameLax[deliveryRow])
	if err != nil {
		return nil, translate(err, "delivery")
	}
	paced := make(map[uuid.UUID]int)
	got := make([]*domain.Delivery, len(rows))
	for i, r := range rows {
		got[i] = toDelivery(r)
		got[i].LeaseToken, got[i].LeaseUntil = &c.Token, &c.Until
		if r.RateLimit > 0 {
			paced[got[i].EndpointID]++
		}
	}
	if err := s.lease(tx, got); err != nil {
		return nil, err
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
	named := make(map[uuid.UUID]bool)
	for _, ids := range []iter.Seq[uuid.UUID]{maps.Keys(c.From), maps.Keys(c.Answered), maps.Keys(c.Ahead)} {
		for id := range ids {
			named[id] = true
		}
	}
	rows := make([][]any, 0, len(named))
	for id := range named {
		rows = append(rows, []any{id, at(c.From[id].At), c.From[id].ID, c.Answered[id], c.Ahead[id]})
	}
	bounds, err := s.d.relation("b", []column{{"rid", kindUUID}, {"since", kindTime}, {"past", kindUUID}, {"answered", kindInt}, {"ahead", kindInt}}, rows)
	if err != nil {
		return "", nil, err
	}
	limit, args := "coalesce(nullif(p.max_in_flight, 0), ?)", []any{at(time.Time{}), uuid.Nil, domain.DefaultMaxInFlight}
	if c.Most > 0 {
		limit, args = s.d.least(limit, "?"), append(args, c.Most)
	}
	us := c.Now.UnixMicro()
	limit, args = limit+" + CASE WHEN b.ahead > 0 AND p.rate_limit = 0 AND "+leasedElsewhere+" IS NULL THEN b.ahead ELSE 0 END", append(args, at(c.Now), c.Token)
	limit = s.d.least("CASE WHEN p.paused_until IS NULL THEN "+limit+" ELSE 1 END + coalesce(b.answered, 0) - "+leasedOf,
		"CASE WHEN p.rate_limit > 0 THEN (? - "+s.d.greatest("p.paced_us", "?")+") * p.rate_limit / 1000000 ELSE 1000000 END")
	args = append(args, at(c.Now), us, us-saved, bounds, at(c.Now), at(time.Time{}), uuid.Nil, at(c.Now))
	return fmt.Sprintf(room, limit), args, nil
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
	args = append(args, at(c.Now), at(c.Now), c.Limit, c.Limit)
	return clause.Expr{SQL: claimed + `FROM (
		SELECT picked.id FROM (` + ends + `) AS p CROSS JOIN LATERAL (
			SELECT d.id, d.next_attempt_at FROM webhook_deliveries d WHERE ` + due + `
			ORDER BY d.next_attempt_at, d.id LIMIT least(greatest(p.free, 0), ?)
		) AS picked ORDER BY picked.next_attempt_at, picked.id LIMIT ?
	) AS oldest JOIN webhook_deliveries t ON ` + s.d.is("t.id", "oldest.id") + ` WHERE ` + isPending("t") + s.d.forUpdateSkipping("t"), Vars: args}
}

// pickSQLite does the same without LATERAL: the oldest due of each endpoint,
// of which those within its room are kept.
func (s *Deliveries) pickSQLite(c ports.ClaimRequest, ends string, args []any) clause.Expr {
	args = append(args, at(c.Now), at(c.Now), c.Limit, c.Limit)
	return clause.Expr{SQL: claimed + `FROM (
		SELECT t.id, t.next_attempt_at, p.free, row_number() OVER (PARTITION BY t.endpoint_id ORDER BY t.next_attempt_at, t.id) AS rank
		FROM (` + ends + `) AS p CROSS JOIN webhook_deliveries t ON t.id IN (
			SELECT d.id FROM webhook_deliveries d WHERE ` + due + ` ORDER BY d.next_attempt_at, d.id LIMIT ?
		)
	) AS oldest JOIN webhook_deliveries t ON t.id = oldest.id
	WHERE oldest.rank <= oldest.free ORDER BY oldest.next_attempt_at, oldest.id LIMIT ?`, Vars: args}
}

// isPending tells a pending delivery that is found by its id. It is said in a
// way that no index answers: PostgreSQL may believe that one row is pending, and
// would read all that are rather than the few that were asked for.
func isPending(t string) string { return "coalesce(" + t + ".status, '') = 'pending'" }

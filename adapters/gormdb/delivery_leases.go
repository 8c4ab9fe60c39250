package gormdb

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

var leaseColumns = []column{{"rid", kindUUID}, {"eid", kindUUID}, {"tok", kindUUID}, {"til", kindTime}}

// lease notes who sends these deliveries, those of them that are leased.
func (s *Deliveries) lease(tx *gorm.DB, ds []*domain.Delivery) error {
	rows := leaseRows(ds)
	if len(rows) == 0 {
		return nil
	}
	leasing, err := s.leasing(rows)
	if err != nil {
		return err
	}
	return translate(later(tx, leasing), "delivery")
}

// leaseRows are the rows of those that are leased, in the order of their ids.
func leaseRows(ds []*domain.Delivery) [][]any {
	var rows [][]any
	for _, d := range ds {
		if d.LeaseToken != nil {
			rows = append(rows, []any{d.ID, d.EndpointID, *d.LeaseToken, at(*d.LeaseUntil)})
		}
	}
	slices.SortFunc(rows, func(a, b []any) int { return compareIDs(a[0].(uuid.UUID), b[0].(uuid.UUID)) })
	return rows
}

// leasing is the statement that notes leases. One that ran out is taken over.
func (s *Deliveries) leasing(rows [][]any) (clause.Expr, error) {
	batch, err := s.d.relation("r", leaseColumns, rows)
	// WHERE TRUE lets SQLite tell ON CONFLICT from a join's ON.
	return clause.Expr{SQL: `INSERT INTO delivery_leases (delivery_id, endpoint_id, token, until) SELECT r.rid, r.eid, r.tok, r.til FROM ? WHERE TRUE
		ON CONFLICT (delivery_id) DO UPDATE SET token = excluded.token, until = excluded.until`, Vars: []any{batch}}, err
}

// unlease ends the leases of these deliveries that are under a token, or, when
// it is nil, all; it returns the deliveries.
func (s *Deliveries) unlease(tx *gorm.DB, token *uuid.UUID, ids []uuid.UUID) ([]uuid.UUID, error) {
	wanted, err := s.d.idsRelation("r", slices.SortedFunc(slices.Values(ids), compareIDs))
	if err != nil {
		return nil, err
	}
	sql, args := s.d.deleteNamed("delivery_leases", "delivery_id"), []any{wanted}
	if token != nil {
		sql, args = sql+" AND token = ?", append(args, *token)
	}
	ended, err := idsOf(tx.Raw(sql+" RETURNING delivery_id", args...))
	return ended, translate(err, "delivery")
}

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
	held, err := idsOf(tx.Raw(`UPDATE delivery_leases SET until = ? FROM ? WHERE `+s.d.is("delivery_id", "r.rid")+` AND token = ? RETURNING delivery_id`,
		at(until), wanted, token))
	return held, translate(err, "delivery")
}

// Release implements ports.DeliveryQueue.
func (s *Deliveries) Release(ctx context.Context, token uuid.UUID, ids []uuid.UUID) error {
	tx, err := s.writing(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	ended, err := s.unlease(tx, &token, ids)
	s.tx.ring = s.tx.ring || len(ended) > 0
	return err
}

// ReleaseAll implements ports.DeliveryQueue.
func (s *Deliveries) ReleaseAll(ctx context.Context, token uuid.UUID) (int, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return 0, err
	}
	if err := tx.Exec(`UPDATE webhook_deliveries SET next_attempt_at = f.first FROM (
			SELECT l.delivery_id, (
				SELECT q.next_attempt_at FROM webhook_deliveries q WHERE q.endpoint_id = l.endpoint_id AND q.status = 'pending' ORDER BY q.next_attempt_at, q.id LIMIT 1
			) AS first FROM delivery_leases l WHERE l.token = ?
		) AS f WHERE `+s.d.is("webhook_deliveries.id", "f.delivery_id")+" AND "+isPending("webhook_deliveries")+" AND next_attempt_at > f.first", token).Error; err != nil {
		return 0, translate(err, "delivery")
	}
	tx = tx.Exec("DELETE FROM delivery_leases WHERE token = ?", token)
	s.tx.ring = s.tx.ring || tx.RowsAffected > 0
	return int(tx.RowsAffected), translate(tx.Error, "delivery")
}

// Standing implements ports.DeliveryQueue.
func (s *Deliveries) Standing(ctx context.Context, now time.Time) (ports.Standing, error) {
	if s.tx != nil && s.tx.standing != nil {
		return *s.tx.standing, nil
	}
	var rows []standingRow
	err := standing(s.reading(ctx), now).Scan(&rows).Error
	return *toStanding(rows), translate(err, "delivery")
}

// standingRow is one fact: without a count its endpoint is slowed, without an
// endpoint the number is the generation.
type standingRow struct {
	ID *uuid.UUID
	N  int64
}

func standing(tx *gorm.DB, now time.Time) *gorm.DB {
	return tx.Session(&gorm.Session{NewDB: true}).Raw(`SELECT endpoint_id AS id, count(*) AS n FROM delivery_leases WHERE until > ? GROUP BY endpoint_id
		UNION ALL SELECT id, 0 FROM webhook_endpoints WHERE paused_until IS NOT NULL OR rate_limit > 0
		UNION ALL SELECT NULL, n FROM endpoint_generation`, at(now))
}

func toStanding(rows []standingRow) *ports.Standing {
	st := &ports.Standing{Leased: make(map[uuid.UUID]int), Slowed: make(map[uuid.UUID]bool)}
	for _, r := range rows {
		switch {
		case r.ID == nil:
			st.Generation = r.N
		case r.N > 0:
			st.Leased[*r.ID] = int(r.N)
		default:
			st.Slowed[*r.ID] = true
		}
	}
	return st
}

var _ ports.DeliveryQueue = (*Deliveries)(nil)

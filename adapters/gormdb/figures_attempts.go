package gormdb

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// attemptOK is domain.Attempt.OK.
const attemptOK = "a.error_class = '' AND a.status_code BETWEEN 200 AND 299"

// attemptAnswered tells an attempt that got an answer of any kind.
const attemptAnswered = "a.status_code > 0"

// attemptsSettle is how many hours are computed again at each pass: attempts
// are written when they end.
const attemptsSettle = 2 * time.Hour

type attemptHourRow struct {
	EndpointID uuid.UUID
	HourAt     stamp
	Delivered  int
	Failed     int
	FirstTry   int
	Answers    string
}

// attemptKey is an hour of an endpoint, or of all together.
type attemptKey struct {
	hour     time.Time
	endpoint uuid.UUID
}

func (k attemptKey) compare(o attemptKey) int {
	return cmp.Or(k.hour.Compare(o.hour), slices.Compare(k.endpoint[:], o.endpoint[:]))
}

// attemptSums is what is counted of attempts.
type attemptSums struct {
	ok, failed, firstTry int
	answers              domain.Latencies
}

func (s *attemptSums) add(o *attemptSums) {
	s.ok, s.failed, s.firstTry = s.ok+o.ok, s.failed+o.failed, s.firstTry+o.firstTry
	s.answers.Merge(o.answers)
}

// sumsAt is the entry of a key, made when it is missing.
func sumsAt[K comparable](m map[K]*attemptSums, key K) *attemptSums {
	if m[key] == nil {
		m[key] = &attemptSums{}
	}
	return m[key]
}

// twoDigits is domain.TwoDigits of a column of microseconds.
func twoDigits(column string) string {
	var b strings.Builder
	b.WriteString("CASE")
	for unit := int64(1); unit < 1e12; unit *= 10 {
		fmt.Fprintf(&b, " WHEN %[1]s < %[2]d THEN %[1]s / %[3]d * %[3]d", column, unit*100, unit)
	}
	return b.String() + " ELSE " + column + " END"
}

// countAttempts adds the attempts of a span, counted from their rows. The database
// counts how long they took and writes it as domain.Latencies does: an hour has
// thousands of them.
func (c conn) countAttempts(ctx context.Context, endpoint *uuid.UUID, from, to time.Time, note func(hour time.Time, endpoint uuid.UUID, s *attemptSums)) error {
	var rows []struct {
		Hour                       string
		EndpointID                 uuid.UUID
		Delivered, Every, FirstTry int
		Answers                    string
	}
	sql := `SELECT ` + c.d.hour("y.hour") + ` AS hour, y.endpoint_id, CAST(sum(y.delivered) AS bigint) AS delivered, CAST(sum(y.every) AS bigint) AS every, CAST(sum(y.first_try) AS bigint) AS first_try,
			coalesce(` + c.d.joined("CASE WHEN y.took >= 0 THEN y.took || ':' || y.every END") + `, '') AS answers
		FROM (SELECT x.hour, x.endpoint_id, x.took, sum(x.ok) AS delivered, count(*) AS every, sum(CASE WHEN x.number = 1 THEN x.ok ELSE 0 END) AS first_try
			FROM (SELECT ` + c.d.wholeHour("a.started_at") + ` AS hour, a.endpoint_id, a.number,
					CASE WHEN ` + attemptAnswered + ` THEN ` + twoDigits("a.total_us") + ` ELSE -1 END AS took, CASE WHEN ` + attemptOK + ` THEN 1 ELSE 0 END AS ok
				FROM delivery_attempts a WHERE a.started_at >= ? AND a.started_at < ?`
	args := []any{at(from), at(to)}
	if endpoint != nil {
		sql, args = sql+" AND a.endpoint_id = ?", append(args, *endpoint)
	}
	if err := c.reading(ctx).Raw(sql+") AS x GROUP BY 1, 2, 3) AS y GROUP BY y.hour, y.endpoint_id", args...).Scan(&rows).Error; err != nil {
		return translate(err, "figure")
	}
	for _, r := range rows {
		hour, err := parseHour(r.Hour)
		if err != nil {
			return err
		}
		answers, err := domain.ParseLatencies(r.Answers)
		if err != nil {
			return err
		}
		note(hour, r.EndpointID, &attemptSums{r.Delivered, r.Every - r.Delivered, r.FirstTry, answers})
	}
	return nil
}

func (f *Figures) fillAttempts(ctx context.Context, target time.Time) (int, error) {
	mark, err := f.mark(ctx, marksAttempts)
	if err != nil {
		return 0, err
	}
	from := target.Add(-attemptsSettle)
	if mark.Before(from) {
		from = mark
	}
	first, err := f.earliest(ctx, "delivery_attempts", "started_at")
	if err != nil || first.IsZero() {
		return 0, err
	}
	// Of hours that attempts are removed from by their age, what is written stays.
	if from.Before(first) {
		from = first
	}
	n := 0
	err = days(from, target, func(from, to time.Time) error {
		sums := map[attemptKey]*attemptSums{}
		err := f.countAttempts(ctx, nil, from, to, func(hour time.Time, endpoint uuid.UUID, s *attemptSums) {
			sumsAt(sums, attemptKey{hour, endpoint}).add(s)
			sumsAt(sums, attemptKey{hour, together}).add(s)
		})
		if err != nil {
			return err
		}
		rows := make([]attemptHourRow, 0, len(sums))
		for _, k := range slices.SortedFunc(maps.Keys(sums), attemptKey.compare) {
			s := sums[k]
			rows = append(rows, attemptHourRow{k.endpoint, at(k.hour), s.ok, s.failed, s.firstTry, s.answers.String()})
		}
		n += len(rows)
		return store(ctx, f, "attempt_hours", marksAttempts, rows, []clause.Column{{Name: "endpoint_id"}, {Name: "hour_at"}}, to)
	})
	if err != nil {
		return n, err
	}
	return n, translate(f.write.WithContext(ctx).Exec("DELETE FROM attempt_hours WHERE hour_at < ?", at(target.Add(-keepHours))).Error, "figure")
}

// attempts sums up a span from whole hours where there are such, and from rows.
// Which is nil for each endpoint by itself, together, or one endpoint.
func (s *Stats) attempts(ctx context.Context, which *uuid.UUID, from, to time.Time, note func(hour time.Time, endpoint uuid.UUID, s *attemptSums)) error {
	mark, err := s.mark(ctx, marksAttempts)
	if err != nil {
		return err
	}
	begin, end := covered(from, to, mark)
	if begin.Before(end) {
		var rows []attemptHourRow
		tx := s.asking(ctx).Table("attempt_hours").Where("hour_at >= ? AND hour_at < ?", at(begin), at(end))
		if which == nil {
			tx = tx.Where("endpoint_id <> ?", together)
		} else {
			tx = tx.Where("endpoint_id = ?", *which)
		}
		if err := tx.Find(&rows).Error; err != nil {
			return translate(err, "figure")
		}
		for _, r := range rows {
			answers, err := domain.ParseLatencies(r.Answers)
			if err != nil {
				return err
			}
			note(r.HourAt.Time, r.EndpointID, &attemptSums{r.Delivered, r.Failed, r.FirstTry, answers})
		}
	}
	if which != nil && *which == together {
		which = nil
	}
	for _, span := range uncovered(from, to, begin, end) {
		if err := s.countAttempts(ctx, which, span[0], span[1], note); err != nil {
			return err
		}
	}
	return nil
}

// DeliveriesByHour implements ports.Charts.
func (s *Stats) DeliveriesByHour(ctx context.Context, from, to time.Time) ([]ports.DeliveryHour, error) {
	sums := map[attemptKey]*attemptSums{}
	err := s.attempts(ctx, &together, from, to, func(hour time.Time, _ uuid.UUID, one *attemptSums) {
		sumsAt(sums, attemptKey{hour, together}).add(one)
	})
	if err != nil {
		return nil, err
	}
	out := make([]ports.DeliveryHour, 0, len(sums))
	for _, k := range slices.SortedFunc(maps.Keys(sums), attemptKey.compare) {
		v := sums[k]
		out = append(out, ports.DeliveryHour{Hour: k.hour, OK: v.ok, Failed: v.failed, FirstTry: v.firstTry, Answers: v.answers})
	}
	return out, nil
}

// EndpointHealth implements ports.Stats.
func (s *Stats) EndpointHealth(ctx context.Context, endpoint *uuid.UUID, since time.Time) (map[uuid.UUID]ports.Health, error) {
	var rows []struct {
		ID      uuid.UUID
		Pending int
	}
	tx := s.reading(ctx).Table("webhook_endpoints AS p").Select("p.id, (SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = p.id AND d.status = 'pending' LIMIT ?) AS c) AS pending", ports.CountCap)
	if endpoint != nil {
		tx = tx.Where("p.id = ?", *endpoint)
	}
	if err := tx.Find(&rows).Error; err != nil {
		return nil, translate(err, "figure")
	}
	byHour := map[attemptKey]*attemptSums{}
	// Until after every row: attempts begin before they are written.
	err := s.attempts(ctx, endpoint, since, s.clock.Now().Add(day), func(hour time.Time, of uuid.UUID, one *attemptSums) {
		sumsAt(byHour, attemptKey{hour, of}).add(one)
	})
	if err != nil {
		return nil, err
	}
	sums, hours := map[uuid.UUID]*attemptSums{}, map[uuid.UUID][]ports.AttemptHour{}
	for _, k := range slices.SortedFunc(maps.Keys(byHour), attemptKey.compare) {
		v := byHour[k]
		sumsAt(sums, k.endpoint).add(v)
		hours[k.endpoint] = append(hours[k.endpoint], ports.AttemptHour{
			Hour: k.hour, OK: v.ok, Failed: v.failed, FirstTry: v.firstTry, P50: v.answers.Percentile(50), P95: v.answers.Percentile(95),
		})
	}
	out := make(map[uuid.UUID]ports.Health, len(rows))
	for _, r := range rows {
		v := sumsAt(sums, r.ID)
		out[r.ID] = ports.Health{Delivered: v.ok, Failed: v.failed, Pending: r.Pending, P50: v.answers.Percentile(50), P95: v.answers.Percentile(95), Hours: hours[r.ID]}
	}
	return out, nil
}

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"doorito/e2e/portal"
	"doorito/e2e/services"
)

const (
	// millionAsks is how often each page is asked for in a round, after two times
	// that do not count: the first fills caches.
	millionAsks  = 8
	millionLimit = 100 // ms, p95
	deepLimit    = 1.5 // × the first page
)

// millionURL names a PostgreSQL that stays filled between runs.
const millionURL = "BENCH_DATABASE_URL"

// aMillion asks every list, filter, search and dashboard through HTTP.
func aMillion(ctx context.Context, b *bench, t *table) error {
	database := os.Getenv(millionURL)
	if database == "" {
		start, cancel := context.WithTimeout(ctx, startWithin)
		defer cancel()
		stack, err := services.Start(start, services.WantPostgres)
		if err != nil {
			return err
		}
		defer stack.Stop()
		database = stack.Postgres.URL
	}
	dir, err := b.folder("million")
	if err != nil {
		return err
	}
	// Nothing is removed for its age: the rows are there for the next run too.
	env := []string{"DATABASE_URL=" + database, "OUTBOX_RETENTION_HOURS=87600", "ATTEMPT_RETENTION_DAYS=3650"}
	first, err := b.start(ctx, dir, "serve", env...) // migrates
	if err != nil {
		return err
	}
	err = first.Stop()
	if err == nil {
		err = fillMillion(ctx, b, database)
	}
	if err != nil {
		return err
	}
	p, err := b.start(ctx, dir, "serve", env...)
	if err != nil {
		return err
	}
	defer p.Kill()
	return askMillion(ctx, b, t, p, database)
}

// places are values that questions are about.
type places struct{ name, sha, id, batch, owner, endpoint, event, session, deepFile, deepDelivery, deepAttempt, deepEvent, deepSession, deepPart, deepOwn string }

func findPlaces(ctx context.Context, database string) (v places, err error) {
	db, err := pgx.Connect(ctx, database)
	if err != nil {
		return v, err
	}
	defer db.Close(context.WithoutCancel(ctx))
	for {
		var filled bool
		if err := db.QueryRow(ctx, "SELECT count(*) = 2 FROM figure_marks WHERE until_at >= date_trunc('hour', now() - interval '10 minutes')").Scan(&filled); err != nil {
			return v, err
		}
		if filled {
			break
		}
		select {
		case <-ctx.Done():
			return v, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	deep := func(table, at, where string) string {
		return "SELECT (extract(epoch FROM " + at + ") * 1000000)::bigint || '-' || id FROM " + table + " WHERE " + where + " ORDER BY " + at + " DESC, id DESC LIMIT 1"
	}
	for _, q := range []struct {
		into *string
		sql  string
	}{
		{&v.owner, "SELECT id::text FROM users WHERE email = 'person7@example.com'"},
		{&v.endpoint, "SELECT id::text FROM webhook_endpoints ORDER BY name LIMIT 1"},
		{&v.name, "SELECT original_filename FROM upload_files WHERE created_at < now() - interval '20 days' ORDER BY created_at DESC LIMIT 1"},
		{&v.sha, "SELECT sha256 FROM upload_files WHERE created_at < now() - interval '20 days' ORDER BY created_at DESC LIMIT 1"},
		{&v.id, "SELECT id::text FROM upload_files WHERE created_at < now() - interval '20 days' ORDER BY created_at DESC LIMIT 1"},
		{&v.batch, "SELECT batch_id::text FROM upload_files WHERE created_at < now() - interval '20 days' AND batch_id IS NOT NULL ORDER BY created_at DESC LIMIT 1"},
		{&v.event, "SELECT id::text FROM outbox_events WHERE created_at < now() - interval '20 days' ORDER BY created_at DESC LIMIT 1"},
		{&v.session, "SELECT id::text FROM upload_sessions WHERE created_at < now() - interval '3 days' ORDER BY created_at DESC LIMIT 1"},
		{&v.deepFile, deep("upload_files", "created_at", "created_at < now() - interval '15 days'")},
		{&v.deepOwn, deep("upload_files", "created_at", "created_at < now() - interval '15 days' AND uploaded_by = (SELECT id FROM users WHERE email = 'person7@example.com')")},
		{&v.deepDelivery, deep("webhook_deliveries", "created_at", "created_at < now() - interval '15 days'")},
		{&v.deepEvent, deep("outbox_events", "created_at", "created_at < now() - interval '15 days'")},
		{&v.deepSession, deep("upload_sessions", "created_at", "created_at < now() - interval '3 days'")},
		{&v.deepPart, deep("upload_parts", "created_at", "created_at < now() - interval '3 days'")},
		{&v.deepAttempt, deep("delivery_attempts", "started_at", "started_at < now() - interval '15 days'")},
	} {
		if err := db.QueryRow(ctx, q.sql).Scan(q.into); err != nil {
			return v, fmt.Errorf("%s: %w", q.sql, err)
		}
	}
	return v, nil
}

func askMillion(ctx context.Context, b *bench, t *table, p *portal.Portal, database string) error {
	v, err := findPlaces(ctx, database)
	if err != nil {
		return err
	}
	admin, staff := questions(v)
	var all []float64
	over := 0
	for _, side := range []struct {
		who, email string
		asks       []question
	}{{"admin", portal.AdminEmail, admin}, {"staff", "person7@example.com", staff}} {
		password, err := p.CLI(ctx, "user", "set-password", side.email)
		if err != nil {
			return err
		}
		c, err := browse(ctx, p, side.email, password)
		if err != nil {
			return err
		}
		for _, one := range side.asks {
			if !strings.Contains(one.path, b.only) {
				continue
			}
			pages := []string{p.URL + one.path}
			if one.first != "" {
				pages = append(pages, p.URL+one.first)
			}
			times, err := timesOf(ctx, c, pages, millionAsks*b.rounds, one.isExport())
			if err != nil {
				return err
			}
			took := times[0]
			all = append(all, took...)
			p50, p95 := median(took), percentile(took, 95)
			name := side.who + " " + shortened(one.path)
			t.add(name, p95, "ms p95").against("p50", p50, 0).wantAtMost(millionLimit)
			if p95 > millionLimit {
				over++
				b.progress("%.0f ms p95, %.0f ms p50: %s %s", p95, p50, side.who, one.path)
			}
			if one.first != "" {
				t.add("deep page "+name, p50, "ms p50").against("first page", median(times[1]), 0).wantRatioAtMost(deepLimit)
			}
		}
	}
	t.add("all of them together", percentile(all, 95), "ms p95").against("p50", median(all), 0).wantAtMost(millionLimit)
	t.add("pages over the limit", float64(over), "").wantAtMost(0)
	t.note("%d files, %d deliveries with an attempt each, %d events, %d batches over 30 days on PostgreSQL; each page %d times over HTTP, one at a time; deep pages begin half-way.", millionFiles, millionFiles*owedEach, millionFiles, millionBatches, millionAsks*b.rounds)
	return nil
}

// shortened leaves the middle of ids out.
func shortened(path string) string {
	if at := strings.Index(path, "after="); at >= 0 {
		path = path[:at] + "after=…"
	}
	if len(path) > 64 {
		path = path[:61] + "…"
	}
	return path
}

// timesOf asks for pages again and again, in turns, since a machine changes with the
// minutes.
func timesOf(ctx context.Context, c *http.Client, pages []string, asks int, firstByte bool) ([][]float64, error) {
	times := make([][]float64, len(pages))
	for i := range asks + 2 {
		for k, page := range pages {
			took, err := timeOf(ctx, c, page, firstByte)
			if err != nil {
				return nil, err
			}
			if i >= 2 {
				times[k] = append(times[k], took)
			}
		}
	}
	return times, nil
}

// timeOf is in milliseconds until the last byte of a page, or its first.
func timeOf(ctx context.Context, c *http.Client, page string, firstByte bool) (float64, error) {
	began := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return 0, err
	}
	res, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if firstByte {
		_, err = res.Body.Read(make([]byte, 1))
	} else {
		_, err = io.Copy(io.Discard, res.Body)
	}
	if err != nil || res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s answers %s: %w", page, strconv.Itoa(res.StatusCode), err)
	}
	return millis(time.Since(began)), nil
}

// browse is a browser without the browser; it follows no redirects.
func browse(ctx context.Context, p *portal.Portal, email, password string) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+"/login", strings.NewReader(url.Values{"email": {email}, "password": {password}}.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		return nil, fmt.Errorf("signing in as %s answers %d", email, res.StatusCode)
	}
	return c, nil
}

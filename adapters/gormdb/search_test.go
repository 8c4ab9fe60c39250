package gormdb_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// named stores files with names, the first one oldest.
func named(t *testing.T, db ports.Transactor, names ...string) {
	t.Helper()
	err := db.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error {
		for _, name := range names {
			f := domain.NewFile(uuid.Must(uuid.NewV7()), name, nil, nil, stopped{}.Now())
			if err := s.Files.Insert(ctx, f); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, err)
}

func searched(t *testing.T, db ports.Transactor, words string) string {
	t.Helper()
	page, err := db.Reads().Files.List(context.Background(), ports.ListQuery{Search: words, Oldest: true})
	must(t, err)
	var out []string
	for _, f := range page.Items {
		out = append(out, f.OriginalFilename)
	}
	return strings.Join(out, ", ")
}

func TestShortWordsAreBeginningsOfNames(t *testing.T) {
	t.Parallel()
	for _, url := range []string{sqlitePath(t), postgresURL(t)} {
		db := open(t, url)
		named(t, db, "Invoice 1.pdf", "printed invoice.pdf", "100% sure_.txt")
		for words, want := range map[string]string{
			"in": "Invoice 1.pdf", "nv": "", "inv": "Invoice 1.pdf, printed invoice.pdf", "in prin": "", "p": "printed invoice.pdf", "%": "", "1": "100% sure_.txt", "0% s": "", "sure_": "100% sure_.txt", "sureX": "",
		} {
			if got := searched(t, db, words); got != want {
				t.Errorf("%q finds %q, want %q", words, got, want)
			}
		}
	}
}

func TestASearchStopsCountingEarly(t *testing.T) {
	t.Parallel()
	for _, url := range []string{sqlitePath(t), postgresURL(t)} {
		db := open(t, url)
		names := make([]string, ports.SearchCap+5)
		for i := range names {
			names[i] = fmt.Sprintf("scan %d.pdf", i)
		}
		named(t, db, names...)
		page, err := db.Reads().Files.List(context.Background(), ports.ListQuery{Search: "scan"})
		must(t, err)
		if page.Total != ports.SearchCap || !page.Capped {
			t.Errorf("%d, %v", page.Total, page.Capped)
		}
		if page, err = db.Reads().Files.List(context.Background(), ports.ListQuery{}); err != nil || page.Total != len(names) {
			t.Errorf("without words: %d, %v", page.Total, err)
		}
	}
}

// So many things have the name that nobody counts what is about them: found by
// looking them up, and by an estimate of PostgreSQL.
func TestAPageWithoutRowsIsCountedWhole(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	db := open(t, url)
	named(t, db, "scan.pdf")
	raw, err := sql.Open("pgx", url)
	must(t, err)
	defer raw.Close()
	for _, more := range []string{
		`INSERT INTO upload_files SELECT (jsonb_populate_record(f, jsonb_build_object('id', gen_random_uuid(), 'storage_key', gen_random_uuid()))).* FROM upload_files f, generate_series(1, 3000)`,
		`INSERT INTO upload_files SELECT (jsonb_populate_record(f, jsonb_build_object('id', gen_random_uuid(), 'storage_key', gen_random_uuid()))).* FROM upload_files f, generate_series(1, 5)`,
		`ANALYZE upload_files`,
	} {
		_, err = raw.Exec(more)
		must(t, err)
		page, err := db.Reads().Deliveries.List(context.Background(), ports.ListQuery{Search: "scan"})
		if must(t, err); page.Total != 0 || page.Capped || page.Newer || page.Older {
			t.Errorf("of no deliveries: %+v", page)
		}
	}
}

// A hosted database may keep pg_trgm from its customers.
func TestNamesAreFoundWithoutTheExtension(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	raw, err := sql.Open("pgx", url)
	must(t, err)
	defer raw.Close()
	var indexes int
	must(t, raw.QueryRow("SELECT count(*) FROM pg_indexes WHERE indexname IN ('upload_files_name', 'upload_batches_label')").Scan(&indexes))
	if indexes != 2 {
		t.Fatalf("%d indexes of names", indexes)
	}
	_, err = raw.Exec("DROP EXTENSION pg_trgm CASCADE")
	must(t, err)
	db := open(t, url)
	named(t, db, "Invoice 1.pdf")
	if got := searched(t, db, "voice"); got != "Invoice 1.pdf" {
		t.Errorf("found %q", got)
	}
}

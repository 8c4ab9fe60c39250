package web_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// csvOf is the address of the list of the first batch of a world.
func csvOf(w *world) string { return "/app/batches/" + w.batches[0].ID.String() + "/files.csv" }

func TestTheListOfABatchIsCSVThatNoSpreadsheetTakesForFormulas(t *testing.T) {
	t.Parallel()
	w := emptyWorld()
	w.batches = []*domain.Batch{{ID: id(100), Label: "Gate 7/8: \"week\" 47 é", Status: domain.BatchComplete, CreatedAt: noon}}
	names := map[string]string{
		"=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "+1+1.txt": "'+1+1.txt", "-2.csv": "'-2.csv", "@SUM(A1)": "'@SUM(A1)",
		"  =1+1": "'  =1+1", "\u200b=1": "'\u200b=1", "＝1+1": "'＝1+1", "\t=1": "'\t=1", "\r=1": "'\r=1", "plain, with \"quotes\".txt": "plain, with \"quotes\".txt",
		"a=b.txt": "a=b.txt", "two\nlines": "two\nlines", "": "", "مستند.pdf": "مستند.pdf", "'=kept": "'=kept",
	}
	for name := range names {
		f := fileOf(0, name)
		f.Metadata, f.ErrorMessage = map[string]string{"path": name}, name
		w.files = append(w.files, f)
	}
	got := openPortal(t, w).get(t, csvOf(w), staffSession)
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/csv; charset=utf-8; header=present" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%d %v", got.StatusCode, got.Header)
	}
	if d := got.Header.Get("Content-Disposition"); !strings.HasPrefix(d, `attachment; filename="Gate 7-8- `) || !strings.Contains(d, "%C3%A9.csv") {
		t.Errorf("saved as %s", d)
	}
	rows, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
	if err != nil || len(rows) != len(names)+1 || !strings.HasPrefix(got.body, "name,status,size,sha256,path,reason,created,stored\r\n") {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		// CSV has one kind of line end, and its readers give back another.
		want := strings.ReplaceAll(names[w.files[i].OriginalFilename], "\r", "")
		for _, cell := range []string{row[0], row[4], row[5]} {
			if strings.ReplaceAll(cell, "\r", "") != want {
				t.Errorf("%q became %q", w.files[i].OriginalFilename, cell)
			}
		}
	}
	if row := rows[1]; row[1] != "stored" || row[2] != "2410338" || len(row[3]) != 64 || row[6] != "2026-11-23T14:29:08Z" || row[7] != "2026-11-23T14:29:13Z" {
		t.Errorf("a row is %q", row)
	}
}

// manyFiles makes a list of n files that exist only a page at a time.
func manyFiles(n int, made func(page int) error) func(q ports.ListQuery) (ports.Page[*domain.File], error) {
	next := 0
	return func(q ports.ListQuery) (ports.Page[*domain.File], error) {
		if (next == 0) != (q.After == nil) {
			return ports.Page[*domain.File]{}, errors.New("the pages do not follow one another")
		}
		size := min(q.Limit, n-next)
		var p ports.Page[*domain.File]
		for i := range size {
			f := fileOf(0, fmt.Sprintf("%06d-%s.txt", next+i, strings.Repeat("n", 200)))
			p.Items = append(p.Items, f)
		}
		next += size
		p.Older = next < n
		return p, made(size)
	}
}

func TestALongListIsMadeNoFasterThanItIsTaken(t *testing.T) {
	t.Parallel()
	const all = 120_000 // some 55 MB
	w := fullWorld()
	var taken, made, ahead atomic.Int64
	w.listFiles = manyFiles(all, func(n int) error {
		ahead.Store(max(ahead.Load(), made.Add(int64(n))-taken.Load()))
		return nil
	})
	p := openPortal(t, w)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+csvOf(w), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "doorito_session", Value: staffSession})
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	r := csv.NewReader(resp.Body)
	r.ReuseRecord = true
	for n := -1; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			if n != all {
				t.Errorf("%d rows came", n)
			}
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if n >= 0 && !strings.HasPrefix(row[0], fmt.Sprintf("%06d-", n)) {
			t.Fatalf("row %d is %s", n, row[0])
		}
		taken.Store(int64(n))
	}
	// What the connection holds is some megabytes; the rest waits in the source.
	if n := ahead.Load(); n > all/2 {
		t.Errorf("%d rows were made ahead of the reader", n)
	}
}

func TestAListThatCannotBeFinishedDoesNotLookFinished(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	pages := 0
	w.listFiles = manyFiles(10_000, func(int) error {
		if pages++; pages == 4 {
			return errors.New("the database went away")
		}
		return nil
	})
	p := openPortal(t, w)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+csvOf(w), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "doorito_session", Value: staffSession})
	client := &http.Client{Timeout: 20 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if n, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Errorf("%d bytes came and looked like all of them", n)
	}
}

func TestTheListOfABatchThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	if got := p.get(t, "/app/batches/"+id(999).String()+"/files.csv", staffSession); got.StatusCode != http.StatusNotFound || strings.Contains(got.Header.Get("Content-Type"), "csv") {
		t.Errorf("%d as %s", got.StatusCode, got.Header.Get("Content-Type"))
	}
	if got := p.get(t, "/app/batches/"+id(100).String()+"/files.csv", ""); got.StatusCode != http.StatusSeeOther {
		t.Errorf("for nobody: %d", got.StatusCode)
	}
	w := fullWorld()
	if got := openPortal(t, w).do(t, http.MethodHead, csvOf(w), staffSession, http.NoBody); got.StatusCode != http.StatusOK || got.body != "" || len(w.asked) != 0 {
		t.Errorf("HEAD: %d, %d bytes, %d pages read", got.StatusCode, len(got.body), len(w.asked))
	}
}

package upload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"doorito/domain"
)

// tally counts what became of the files.
type tally struct {
	mu           sync.Mutex
	uploaded     int
	there        int
	failed       int
	failures     []unsent
	skippedLinks int
}

// fileLine is a file as --json tells it.
type fileLine struct {
	Type   string `json:"type"` // "file"
	Path   string `json:"path"`
	Status string `json:"status"` // uploaded, there (before this run), failed
	ID     string `json:"id,omitempty"`
	Size   int64  `json:"size_bytes"`
	SHA256 string `json:"sha256,omitempty"`
	URL    string `json:"url,omitempty"`
	Error  string `json:"error,omitempty"`
}

// summaryLine is the last line of --json.
type summaryLine struct {
	Type      string  `json:"type"` // "summary"
	Files     int     `json:"files"`
	Uploaded  int     `json:"uploaded"`
	There     int     `json:"there"`
	Failed    int     `json:"failed"`
	NotSent   int     `json:"not_sent"` // their turn did not come
	SentBytes int64   `json:"sent_bytes"`
	Seconds   float64 `json:"seconds"`
	BatchID   string  `json:"batch_id,omitempty"`
	Finalised bool    `json:"finalised"`
	Error     string  `json:"error,omitempty"` // what ended the run early
}

// report tells what became of one file.
func (r *run) report(it *item, out outcome, err error) {
	if err != nil {
		r.reportUnsent(unsent{it.shown, plain(err)})
		return
	}
	status := "uploaded"
	r.tally.mu.Lock()
	if out.there {
		status = "there"
		r.tally.there++
	} else {
		r.tally.uploaded++
	}
	r.tally.mu.Unlock()
	f := out.file
	r.show.aside(func() {
		if r.JSON {
			r.line(fileLine{Type: "file", Path: it.shown, Status: status, ID: f.ID, Size: f.Size, SHA256: f.SHA256, URL: f.URL})
			return
		}
		fmt.Fprintf(r.Stdout, "%s  %s\n", f.SHA256, printable(it.shown))
	})
}

func (r *run) reportUnsent(f unsent) {
	r.tally.mu.Lock()
	r.tally.failed++
	r.tally.failures = append(r.tally.failures, f)
	r.tally.mu.Unlock()
	if r.JSON {
		r.show.aside(func() { r.line(fileLine{Type: "file", Path: f.path, Status: "failed", Error: f.reason}) })
	}
}

// line writes one line of JSON. A reader that went away is no reason to stop.
func (r *run) line(v any) {
	e := json.NewEncoder(r.Stdout)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
}

// finish tells what became of everything; err is what ended the run early.
func (r *run) finish(ctx context.Context, err error) error {
	t := &r.tally
	s := r.summary(err)
	if r.JSON {
		r.line(s)
	}
	stopped := err != nil && ctx.Err() != nil
	if !r.Quiet {
		r.tellSummary(s)
	}
	for i, f := range t.failures {
		if i == 0 {
			fmt.Fprintf(r.Stderr, "%s not sent:\n", count(len(t.failures), "file was", "files were"))
		}
		fmt.Fprintf(r.Stderr, "  %s: %s\n", printable(f.path), printable(f.reason))
	}
	switch {
	case stopped:
		fmt.Fprintln(r.Stderr, "Stopped. Run the same command to go on where it stopped.")
		return ErrStopped
	case err != nil:
		fmt.Fprintf(r.Stderr, "doorito: %s\n", printable(plain(err)))
		r.hint()
		return ErrFailed
	case t.failed > 0:
		r.hint()
		return ErrFailed
	}
	return nil
}

// hint says how to go on.
func (r *run) hint() {
	if r.batch != nil && r.batch.Sealed == nil {
		fmt.Fprintln(r.Stderr, "Run the same command to go on; the batch is open until every file is there, or idle for a day.")
	}
}

func (r *run) summary(err error) summaryLine {
	t := &r.tally
	s := summaryLine{
		Type: "summary", Files: r.found, Uploaded: t.uploaded, There: t.there, Failed: t.failed,
		NotSent: r.found - t.uploaded - t.there - t.failed, SentBytes: r.show.sent.Load(),
		Seconds: r.Clock.Now().Sub(r.started).Round(time.Millisecond).Seconds(), BatchID: r.batchID(),
		Finalised: r.batch != nil && r.batch.Sealed != nil,
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		s.Error = plain(err)
	}
	return s
}

func (r *run) tellSummary(s summaryLine) {
	w := r.Stderr
	if s.Uploaded > 0 {
		fmt.Fprintf(w, "%s sent: %s in %s", count(s.Uploaded, "file", "files"), domain.FormatBytes(s.SentBytes), short(s.Seconds))
		if s.Seconds > 0 {
			fmt.Fprintf(w, ", %s/s", domain.FormatBytes(int64(float64(s.SentBytes)/s.Seconds)))
		}
		fmt.Fprintln(w, ".")
	}
	if s.There > 0 {
		fmt.Fprintf(w, "%s there before.\n", count(s.There, "file was", "files were"))
	}
	if n := r.tally.skippedLinks; n > 0 {
		fmt.Fprintf(w, "%s left out: links (--follow-links takes them) and what is no file.\n", count(n, "entry was", "entries were"))
	}
	if s.NotSent > 0 {
		fmt.Fprintf(w, "%s still to be sent.\n", count(s.NotSent, "file is", "files are"))
	}
	if s.Files == 0 {
		fmt.Fprintln(w, "There is no file to send.")
	}
	r.tellBatch(w)
}

func (r *run) tellBatch(w io.Writer) {
	if r.batch != nil {
		fmt.Fprintf(w, "Batch: %s\n", r.client.base.JoinPath("app/batches", r.batch.ID+"/"))
	}
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

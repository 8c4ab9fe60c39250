package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

// BatchPage is one batch with its files.
type BatchPage struct {
	Page
	Batch   *domain.Batch
	Done    int // of all files, in percent
	Arrived int
	Blocks  []Block
	Label   string // the blocks in words
	Keys    []list.Key
	Files   *list.View
	ZIP     string // what is in the archive; empty: nothing could be
	Shares  *Shares
	Show    string
	Tabs    []Tab
	Open    bool // takes more files
	Live    bool
	Every   string // how often it asks again while it is live
}

// Block is a run of files in one state in the picture of a batch.
type Block struct {
	X, W  px
	State string
}

// Tab is a choice above a table.
type Tab struct {
	Label, URL string
	Count      string
	On         bool
}

// batchRows is how many of its files a batch's page lists.
const batchRows = 100

// justNow is how fresh a batch's last file must be for the next to be near.
const justNow = time.Minute

func (s *site) showBatch(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	actor := fiberx.Actor(c)
	b, err := s.Batches.Find(c.UserContext(), actor, id)
	if err != nil {
		return err
	}
	p := BatchPage{Page: s.page(c, batchTitle(b), "batches", Crumb{Label: "Batches", URL: "/app/batches/"}), Batch: b}
	if p.Tabs, p.Show, err = batchTabs(b, utils.CopyString(c.Query("show"))); err != nil {
		return err
	}
	query := batchFilter(b)
	if p.Show != "" {
		query["status"] = []string{p.Show}
	}
	files, err := s.Files.List(c.UserContext(), actor, ports.ListQuery{Filters: query, Limit: batchRows})
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	coming, err := s.arriving(c.UserContext(), actor, files.Items)
	if err != nil {
		return err
	}
	p.Files = s.batchFiles(coming).Table(files.Items, list.Env{Now: now, Admin: actor.IsAdmin()}, "name", "status", "outcome", "size", "sha256", "created")
	p.picture()
	if actor.May(domain.MayDownload) {
		p.ZIP = zipWords(b.Counts)
	}
	p.Open = b.SealedAt == nil
	p.Live = b.Status == domain.BatchInit || b.Status == domain.BatchInProgress
	p.Every = every(b.Counts.Uploading > 0 || now.Sub(b.CreatedAt) < justNow || len(files.Items) > 0 && now.Sub(files.Items[0].CreatedAt) < justNow)
	links, err := s.Shares.OfBatch(c.UserContext(), actor, id, ports.ListQuery{})
	if err != nil {
		return err
	}
	p.Shares = s.sharesOf(links.Items, "batch", "/app/batches/"+id.String()+"/", p.ZIP != "")
	return render(c, "pages/batch", "batch", p)
}

// batchFilter is which files a batch counts: not the failures that a later try
// replaced.
func batchFilter(b *domain.Batch) map[string][]string {
	return map[string][]string{"batch": {b.ID.String()}, "superseded": {"false"}}
}

// batchTabs narrow the files to one state; states that a batch may never come
// to are left out while nothing is in them.
func batchTabs(b *domain.Batch, show string) ([]Tab, string, error) {
	path := "/app/batches/" + b.ID.String() + "/"
	tabs := []Tab{{"All", path, groupInt(b.Counts.Files), show == ""}}
	known := show == ""
	for _, st := range domain.FileStatuses {
		n, on := countOf(b.Counts, st), show == string(st)
		known = known || on
		if n > 0 || on || st == domain.FileStored || st == domain.FileFailed {
			tabs = append(tabs, Tab{statusWord(st), path + "?show=" + string(st), groupInt(n), on})
		}
	}
	if !known {
		return nil, "", domain.FieldErrorf("show", "A batch shows uploading, stored, processed, failed or deleted files, or all of them.")
	}
	return tabs, show, nil
}

// countOf is how many files of a batch are in a state now.
func countOf(c domain.BatchCounts, st domain.FileStatus) int {
	return map[domain.FileStatus]int{
		domain.FileUploading: c.Uploading, domain.FileStored: c.Now.Stored, domain.FileProcessed: c.Now.Processed,
		domain.FileFailed: c.Now.Failed, domain.FileDeleted: c.Now.Deleted,
	}[st]
}

// blocksWide is the width of a batch's picture; maxBlocks is up to where each
// file is a block of its own.
const (
	blocksWide = 1088.0
	maxBlocks  = 64
)

// picture draws one block for each file, or one for each state when they are
// too many to tell apart.
func (p *BatchPage) picture() {
	n := p.Batch.Counts
	p.Arrived = n.Stored
	if n.Files > 0 {
		p.Done = n.Stored * 100 / n.Files
	}
	runs := []struct {
		state string
		n     int
	}{{"processed", n.Now.Processed}, {"stored", n.Now.Stored}, {"deleted", n.Now.Deleted}, {"failed", n.Now.Failed}, {"live", n.Uploading}}
	words := []string{}
	for _, r := range runs {
		word := statusWord(r.state)
		if r.state == "live" {
			word = statusWord(domain.FileUploading)
		}
		if r.n > 0 || r.state == "stored" || r.state == "failed" {
			p.Keys = append(p.Keys, list.Key{State: r.state, Text: word + " " + groupInt(r.n)})
		}
		if r.n > 0 {
			words = append(words, groupInt(r.n)+" "+strings.ToLower(word))
		}
	}
	p.Label = counted(n.Files, "file") + ": " + strings.Join(words, ", ")
	x := 0.0
	for _, r := range runs {
		if n.Files > maxBlocks {
			w := blocksWide * float64(r.n) / float64(n.Files)
			if r.n > 0 {
				p.Blocks = append(p.Blocks, Block{X: round(x), W: round(max(w-3, 2)), State: r.state})
			}
			x += w
			continue
		}
		for range r.n {
			w := blocksWide / float64(n.Files)
			p.Blocks = append(p.Blocks, Block{X: round(x), W: round(w - 3), State: r.state})
			x += w
		}
	}
}

// zipWords is what a batch's archive has, beside its button.
func zipWords(c domain.BatchCounts) string {
	here, words := c.Now.Stored+c.Now.Processed, ""
	switch {
	case here == 0 && c.Now.Failed == 0:
		return ""
	case c.Uploading > 0:
		words = "; those on their way are not in it"
	case c.Now.Deleted > 0:
		words = "; deleted ones are not in it"
	}
	return "The files that are here now, in their folders" + words
}

func (s *site) finaliseBatch(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if _, err := s.Uploads.FinaliseBatch(c.UserContext(), fiberx.Actor(c), id); err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
	} else {
		say(c, Toast{Kind: "ok", Text: "Batch finished. It takes no more files."})
	}
	return seeOther(c, "/app/batches/"+id.String()+"/")
}

func groupInt(n int) string { return groupDigits(strconv.Itoa(n)) }

package web

import (
	"fmt"
	"strconv"

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
	Files   *list.View
	Show    string
	Tabs    []Tab
	Open    bool // takes more files
	Live    bool
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
	query := map[string][]string{"batch": {id.String()}}
	if p.Tabs, p.Show, err = batchTabs(b, utils.CopyString(c.Query("show"))); err != nil {
		return err
	}
	if p.Show != "" {
		query["status"] = batchShows[p.Show]
	}
	files, err := s.Files.List(c.UserContext(), actor, ports.ListQuery{Filters: query, Limit: batchRows})
	if err != nil {
		return err
	}
	p.Files = s.filesList().Table(files.Items, list.Env{Now: s.Clock.Now(), Admin: actor.IsAdmin()}, "name", "status", "size", "sha256", "expires", "created")
	p.picture()
	p.Open = b.SealedAt == nil
	p.Live = b.Status == domain.BatchInit || b.Status == domain.BatchInProgress
	return render(c, "pages/batch", "batch", p)
}

// batchShows are the tabs that narrow the files.
var batchShows = map[string][]string{
	"stored": {string(domain.FileStored), string(domain.FileProcessed), string(domain.FileDeleted)},
	"moving": {string(domain.FileUploading)},
	"failed": {string(domain.FileFailed)},
}

func batchTabs(b *domain.Batch, show string) ([]Tab, string, error) {
	path := "/app/batches/" + b.ID.String() + "/"
	if _, ok := batchShows[show]; !ok && show != "" {
		return nil, "", domain.FieldErrorf("show", "A batch shows stored, moving or failed files, or all of them.")
	}
	return []Tab{
		{"All", path, groupInt(b.Counts.Files), show == ""},
		{"Stored", path + "?show=stored", groupInt(b.Counts.Stored), show == "stored"},
		{"Moving", path + "?show=moving", groupInt(b.Counts.Uploading), show == "moving"},
		{"Failed", path + "?show=failed", groupInt(b.Counts.Failed), show == "failed"},
	}, show, nil
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
	p.Label = fmt.Sprintf("%s: %d stored, %d uploading, %d failed", counted(n.Files, "file"), n.Stored, n.Uploading, n.Failed)
	runs := []struct {
		state string
		n     int
	}{{"stored", n.Stored}, {"failed", n.Failed}, {"live", n.Uploading}}
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

package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

// csvPageTimeout bounds the read of one page of a list.
const csvPageTimeout = 30 * time.Second

// csvHead names the columns of a batch's list.
var csvHead = []string{"name", "status", "size", "sha256", "path", "reason", "created", "stored"}

// downloadBatchList streams the files of a batch as CSV (RFC 4180), newest
// first; failures that a later try replaced are left out, as in the counts.
func (s *site) downloadBatchList(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	actor := fiberx.Actor(c)
	b, err := s.Batches.Find(c.UserContext(), actor, id)
	if err != nil {
		return err
	}
	rows := &fileCSV{
		ctx: context.WithoutCancel(c.UserContext()), log: s.Logger.With("batch_id", id, "request_id", fiberx.RequestID(c)),
		q: ports.ListQuery{Filters: batchFilter(b), Limit: ports.MaxPageSize},
		page: func(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.File], error) {
			return s.Files.List(ctx, actor, q)
		},
	}
	return fiberx.SendStream(c, csvName(b), "text/csv; charset=utf-8; header=present", rows)
}

// csvName is the batch's label as a file name.
func csvName(b *domain.Batch) string {
	label := strings.NewReplacer("/", "-", `\`, "-", ":", "-").Replace(batchTitle(b))
	name, err := domain.CleanFilename(clip(label, maxCrumb*2) + ".csv")
	if err != nil {
		return "batch-" + short(b.ID) + ".csv"
	}
	return name
}

// fileCSV is a list of files as CSV. It holds one page at a time and reads the
// next when that was taken.
type fileCSV struct {
	ctx  context.Context
	log  *slog.Logger
	page func(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.File], error)
	q    ports.ListQuery

	buf   bytes.Buffer
	begun bool
	done  bool
}

var _ io.ReadCloser = (*fileCSV)(nil)

// Read implements io.Reader.
func (f *fileCSV) Read(p []byte) (int, error) {
	for f.buf.Len() == 0 {
		if f.done {
			return 0, io.EOF
		}
		if err := f.next(); err != nil {
			f.log.Error("list of files cut off", "error", err)
			return 0, err
		}
	}
	return f.buf.Read(p)
}

func (f *fileCSV) next() error {
	ctx, cancel := context.WithTimeout(f.ctx, csvPageTimeout)
	defer cancel()
	page, err := f.page(ctx, f.q)
	if err != nil {
		return err
	}
	f.buf.Reset()
	w := csv.NewWriter(&f.buf)
	w.UseCRLF = true
	if !f.begun {
		f.begun = true
		if err := w.Write(csvHead); err != nil {
			return err
		}
	}
	for _, file := range page.Items {
		if err := w.Write(csvRow(file)); err != nil {
			return err
		}
		f.q.After = &ports.Cursor{At: file.CreatedAt, ID: file.ID}
	}
	f.done = !page.Older || len(page.Items) == 0
	w.Flush()
	return w.Error()
}

// Close implements io.Closer.
func (f *fileCSV) Close() error {
	f.done = true
	f.buf = bytes.Buffer{}
	return nil
}

func csvRow(f *domain.File) []string {
	stored := ""
	if f.StoredAt != nil {
		stored = f.StoredAt.UTC().Format(time.RFC3339)
	}
	return []string{
		list.CSVText(f.OriginalFilename), string(f.Status), strconv.FormatInt(f.SizeBytes, 10), f.SHA256,
		list.CSVText(f.Metadata["path"]), list.CSVText(f.ErrorMessage), f.CreatedAt.UTC().Format(time.RFC3339), stored,
	}
}

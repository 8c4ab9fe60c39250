package fiberx_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/ports/usecase"
)

// lending gives its bytes in turns: lends some, has some read.
type lending struct {
	bytes.Reader
	all  []byte
	lend bool
}

func (l *lending) Lend() []byte {
	if l.lend = !l.lend; !l.lend {
		return nil
	}
	at := len(l.all) - l.Len()
	n, _ := l.Seek(min(100_000, int64(l.Len())), io.SeekCurrent)
	return l.all[at:n]
}

func (l *lending) Close() error { return nil }

func TestWhatASourceLendsIsSentUpToTheLengthThatWasSaid(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("0123456789"), 200_000)
	for _, size := range []int{len(content), len(content) - 1, 100_001, 99_999, 1} {
		p := start(t, nil, func(app *fiber.App) {
			app.Get("/", func(c *fiber.Ctx) error {
				return fiberx.SendArchive(c, &usecase.Archive{Name: "a.zip", Size: int64(size), Open: func(context.Context) io.ReadCloser {
					return &lending{Reader: *bytes.NewReader(content), all: content}
				}})
			})
		})
		res, got := p.do(t, http.MethodGet, "/", nil)
		if res.ContentLength != int64(size) || got != string(content[:size]) {
			t.Errorf("%d bytes of %d came, length %d", len(got), size, res.ContentLength)
		}
	}
}

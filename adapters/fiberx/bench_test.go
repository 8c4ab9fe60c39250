package fiberx_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// zeros is an endless source without a copy into it.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

const benchSize = 256 << 20

func discardRaw(c *fiber.Ctx) error {
	r, _ := fiberx.Body(c)
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, make([]byte, 256<<10)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func discardParts(c *fiber.Ctx) error {
	mr, err := fiberx.OpenForm(c)
	if err != nil {
		return err
	}
	buf := make([]byte, 256<<10)
	for {
		part, err := mr.NextPart()
		if err == io.EOF {
			return c.SendStatus(fiber.StatusNoContent)
		}
		if err != nil {
			return err
		}
		if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, part, buf); err != nil {
			return err
		}
	}
}

// BenchmarkBody is the ceiling of every upload: bytes from a loopback client
// to a handler that drops them.
func BenchmarkBody(b *testing.B) {
	p := start(b, nil, func(app *fiber.App) {
		app.Put("/raw", fiberx.Upload(discardRaw))
		app.Post("/form", fiberx.Upload(discardParts))
	})
	tr := &http.Transport{WriteBufferSize: 256 << 10}
	send := func(b *testing.B, method, path, kind string, size int64, body func() io.Reader) {
		b.SetBytes(benchSize)
		for b.Loop() {
			req, err := http.NewRequest(method, p.url+path, body())
			if err != nil {
				b.Fatal(err)
			}
			req.ContentLength = size
			req.Header.Set("Content-Type", kind)
			res, err := tr.RoundTrip(req)
			if err != nil {
				b.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != 204 {
				b.Fatal(res.Status)
			}
		}
	}
	b.Run("length", func(b *testing.B) {
		send(b, "PUT", "/raw", "", benchSize, func() io.Reader { return io.LimitReader(zeros{}, benchSize) })
	})
	b.Run("chunked", func(b *testing.B) {
		send(b, "PUT", "/raw", "", -1, func() io.Reader { return io.LimitReader(zeros{}, benchSize) })
	})
	b.Run("multipart", func(b *testing.B) {
		var head bytes.Buffer
		w := multipart.NewWriter(&head)
		if _, err := w.CreateFormFile("file", "a.bin"); err != nil {
			b.Fatal(err)
		}
		tail := fmt.Sprintf("\r\n--%s--\r\n", w.Boundary())
		size := int64(head.Len()+len(tail)) + benchSize
		send(b, "POST", "/form", w.FormDataContentType(), size, func() io.Reader {
			return io.MultiReader(bytes.NewReader(head.Bytes()), io.LimitReader(zeros{}, benchSize), bytes.NewReader([]byte(tail)))
		})
	})
}

// BenchmarkDownload is the same for the other direction.
func BenchmarkDownload(b *testing.B) {
	p := start(b, nil, func(app *fiber.App) {
		app.Get("/d", func(c *fiber.Ctx) error {
			return fiberx.SendDownload(c, &usecase.Download{
				File: &domain.File{OriginalFilename: "a.bin", ContentType: "application/octet-stream", SizeBytes: benchSize},
				Open: func(context.Context, int64, int64) (io.ReadCloser, error) { return io.NopCloser(zeros{}), nil },
			})
		})
	})
	b.SetBytes(benchSize)
	buf := make([]byte, 256<<10)
	for b.Loop() {
		res, err := http.Get(p.url + "/d")
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, res.Body, buf)
		res.Body.Close()
		if err != nil || n != benchSize {
			b.Fatal(n, err)
		}
	}
}

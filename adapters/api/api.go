package api

import (
	"context"
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/ports/usecase"
)

// Deps is what Register needs.
type Deps struct {
	Uploads usecase.Uploads
	Files   usecase.Files
	Batches usecase.Batches
	// Ready asks each part (database, storage, queue) whether it answers; nil
	// values are well.
	Ready func(ctx context.Context) map[string]error
	// Metrics writes the metrics; nil means Prometheus' default registry.
	Metrics fiber.Handler
	// MetricsToken opens /metrics to whoever sends it as bearer; "" leaves it
	// to this machine alone.
	MetricsToken string
	Logger       *slog.Logger
}

// handlers holds what the handlers call.
type handlers struct {
	Deps
}

// Register adds the routes to an app made by fiberx.New.
func Register(app *fiber.App, d Deps) {
	h := &handlers{Deps: d}
	app.Get("/healthz", h.healthz)
	app.Get("/readyz", h.readyz)
	app.Get("/metrics", h.metricsGate, metricsOr(d.Metrics))
	app.Get("/d/:token", h.linkDownload)

	v1 := app.Group("/api/v1", fiberx.CSRF)
	upload := fiberx.Upload(h.fileUpload)
	for _, path := range []string{"/files/:name", "/files"} {
		v1.Put(path, upload)
		v1.Post(path, upload)
	}
	v1.Get("/files/:id", h.fileShow)
	v1.Get("/files/:id/content", h.fileDownload)
	v1.Post("/batches", h.batchCreate)
	v1.Get("/batches/:id", h.batchShow)
	v1.Post("/batches/:id/finalise", h.batchFinalise)
}

package api

import (
	"context"
	"log/slog"
	"slices"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Deps is what Register needs.
type Deps struct {
	Uploads  usecase.Uploads
	Once     usecase.UploadsOnce
	Files    usecase.Files
	Consumer usecase.Consumer
	Keeper   usecase.Keeper
	Batches  usecase.Batches
	Archives usecase.Archives
	Sessions usecase.Sessions
	Me       usecase.Me
	Clock    ports.Clock
	BaseURL  string // of the portal, without a slash at its end

	Shares     usecase.ShareLinks
	SharesOnce usecase.ShareLinksOnce

	Endpoints     usecase.Endpoints
	EndpointsOnce usecase.EndpointsOnce
	Keys          usecase.EndpointKeys
	Filters       usecase.EndpointFilters
	Deliveries    usecase.Deliveries
	Replays       usecase.Replays
	ReplaysOnce   usecase.ReplaysOnce

	// RateLimit is how many requests a minute a token, a person or, without
	// either, an address may make in this process; 0 is no limit. Requests that
	// bring a file's bytes are not counted.
	RateLimit int
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
	limiter *limiter
}

// Register adds the routes to an app made by fiberx.New.
func Register(app *fiber.App, d Deps) {
	h := &handlers{Deps: d, limiter: newLimiter(d.RateLimit, d.Clock)}
	app.Get("/healthz", h.healthz)
	app.Get("/readyz", h.readyz)
	app.Get("/metrics", h.metricsGate, metricsOr(d.Metrics))
	app.Get("/d/:token", h.linkDownload)

	v1 := app.Group("/api/v1", fiberx.CSRF)
	upload := fiberx.Upload(h.fileUpload)
	for _, path := range []string{"/files/:name", "/files"} {
		v1.Put(path, answersJSON, upload)
		v1.Post(path, answersJSON, upload)
	}
	v1.Put("/sessions/:id/parts/:number", answersJSON, fiberx.Upload(h.sessionPart))
	v1.Get("/files/:id/content", h.limit, h.fileDownload)
	v1.Get("/batches/:id/zip", h.limit, h.batchZIP)
	for _, r := range slices.Concat(h.routes(), h.shareRoutes(), h.webhookRoutes()) {
		if r.method == fiber.MethodGet {
			v1.Get(r.path, h.limit, answersJSON, r.handle) // HEAD comes with it
			continue
		}
		v1.Add(r.method, r.path, h.limit, answersJSON, r.handle)
	}
}

// route is one that takes and answers with JSON and counts against the limit.
type route struct {
	method, path string
	handle       fiber.Handler
}

func (h *handlers) routes() []route {
	return []route{
		{fiber.MethodGet, "/openapi.json", h.openapi},
		{fiber.MethodGet, "/me", h.me},
		{fiber.MethodGet, "/files", h.fileList},
		{fiber.MethodGet, "/files/:id", h.fileShow},
		{fiber.MethodDelete, "/files/:id", h.fileDelete},
		{fiber.MethodGet, "/files/:id/link", h.fileLink},
		{fiber.MethodGet, "/files/:id/events", h.fileEvents},
		{fiber.MethodPost, "/files/:id/processed", bare(h.fileProcessed)},
		{fiber.MethodPost, "/files/:id/failed", h.fileFailed},
		{fiber.MethodPost, "/files/:id/extend", h.fileExtend},
		{fiber.MethodPost, "/files/:id/expire", bare(h.fileExpire)},
		{fiber.MethodGet, "/batches", h.batchList},
		{fiber.MethodPost, "/batches", h.batchCreate},
		{fiber.MethodGet, "/batches/:id", h.batchShow},
		{fiber.MethodGet, "/batches/:id/files", h.batchFiles},
		{fiber.MethodPost, "/batches/:id/finalise", bare(h.batchFinalise)},
		{fiber.MethodGet, "/sessions", h.sessionList},
		{fiber.MethodPost, "/sessions", h.sessionCreate},
		{fiber.MethodGet, "/sessions/:id", h.sessionShow},
		{fiber.MethodDelete, "/sessions/:id", h.sessionAbort},
		{fiber.MethodPost, "/sessions/:id/complete", h.sessionComplete},
	}
}

func (h *handlers) shareRoutes() []route {
	return []route{
		{fiber.MethodGet, "/files/:id/shares", h.sharesOf(domain.ShareOfFile)},
		{fiber.MethodPost, "/files/:id/shares", h.shareCreate(domain.ShareOfFile)},
		{fiber.MethodGet, "/batches/:id/shares", h.sharesOf(domain.ShareOfBatch)},
		{fiber.MethodPost, "/batches/:id/shares", h.shareCreate(domain.ShareOfBatch)},
		{fiber.MethodGet, "/shares", h.shareList},
		{fiber.MethodGet, "/shares/:id", h.shareShow},
		{fiber.MethodDelete, "/shares/:id", h.shareRevoke},
		{fiber.MethodGet, "/shares/:id/accesses", h.shareAccesses},
	}
}

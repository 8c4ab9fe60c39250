package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/apidoc"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Deps is what the pages need.
type Deps struct {
	SignIn      usecase.SignIn
	Uploads     usecase.Uploads
	Sessions    usecase.Sessions
	Files       usecase.Files
	Batches     usecase.Batches
	Archives    usecase.Archives
	Dashboard   usecase.Dashboard
	Endpoints   usecase.Endpoints
	Keys        usecase.EndpointKeys
	Filters     usecase.EndpointFilters
	Deliveries  usecase.Deliveries
	Replays     usecase.Replays
	Tokens      usecase.Tokens
	Accounts    usecase.Accounts
	Schedules   usecase.Schedules
	Profile     usecase.Profile
	Factor      usecase.SecondFactor
	Invitations usecase.Invitations
	Audit       usecase.History
	Overview    usecase.Overview
	Search      usecase.Search
	Consumer    usecase.Consumer
	Keeper      usecase.Keeper
	Checks      usecase.Checks
	Labels      usecase.BatchLabels
	Shares      usecase.ShareLinks
	Shared      usecase.Shared
	Previews    usecase.Previews
	Users       People          // names for the filter "Uploaded by"; nil for none
	API         *apidoc.Doc     // what the API's page shows
	Sealer      *domain.Keyring // for what is shown once
	Random      io.Reader
	Static      *Static
	Monitor     http.Handler // the Asynq dashboard, rooted at /admin/jobs; nil for none
	Clock       ports.Clock
	Version     string
	BaseURL     string
	Logger      *slog.Logger
}

// People is the part of usecase.Users that pages need.
type People interface {
	List(ctx context.Context, a domain.Actor) ([]*domain.User, error)
}

// site is the pages with what they need.
type site struct {
	Deps
	host string
}

// Register adds every page to the app, which fiberx.New made with NewViews and
// RenderError.
func Register(app *fiber.App, d Deps) {
	s := &site{Deps: d, host: hostOf(d.BaseURL)}
	app.Get("/static/*", s.Static.serve)
	app.Get("/favicon.ico", func(c *fiber.Ctx) error {
		return c.Redirect(s.Static.URL("favicon.svg"), fiber.StatusFound)
	})
	s.registerJobs(app)

	app.Get("/", toDashboard)
	app.Get("/login", s.showLogin)
	app.Post("/login", fiberx.CSRF, s.signIn)
	app.Get("/join/:token", s.showJoin)
	app.Post("/join/:token", fiberx.CSRF, s.accept)
	app.Get("/s/:token", shareHeaders, s.showShared)
	app.Get("/s/:token/preview", shareHeaders, s.previewShared)
	app.Post("/s/:token/password", shareHeaders, fiberx.CSRF, s.unlockShared)
	app.Post("/s/:token/download", shareHeaders, fiberx.CSRF, s.beginShared)
	app.Get("/s/:token/get/:ticket", shareHeaders, s.fetchShared)
	app.Get(codePath, s.showCode)
	app.Post(codePath, fiberx.CSRF, s.enterCode)
	app.Post("/logout", fiberx.CSRF, s.signOut)

	in := app.Group("/app", fiberx.RequireSignIn, fiberx.CSRF)
	in.Get("/", s.showDashboard)
	in.Get("/upload/", s.showUpload)
	in.Post("/upload/", fiberx.Upload(s.uploadForm))
	in.Post("/upload/batches", s.createBatch)
	in.Get("/upload/batches/:id/files", s.filesOfBatch)
	in.Post("/upload/batches/:id/finalise", s.finaliseJSON)
	in.Get("/upload/files/:id", s.showUploaded)
	in.Post("/upload/sessions/:id/discard", s.discardUpload)

	serveList(s, in, "/files/", s.filesList())
	in.Get("/files/:id/", s.showFile)
	in.Get("/files/:id/download", s.downloadFile)
	in.Get("/files/:id/preview", s.previewFile)
	in.Post("/files/:id/delete", s.deleteFile)
	in.Post("/files/:id/keep", s.keepFile)
	in.Get("/files/:id/share/", s.newShare(s.targetFile))
	in.Post("/files/:id/share/", s.createShare(s.targetFile))
	serveList(s, in, "/batches/", s.batchesList())
	in.Get("/batches/:id/", s.showBatch)
	in.Get("/batches/:id/files.csv", s.downloadBatchList)
	in.Get("/batches/:id/zip", s.downloadBatch)
	in.Post("/batches/:id/finalise", s.finaliseBatch)
	in.Get("/batches/:id/share/", s.newShare(s.targetBatch))
	in.Post("/batches/:id/share/", s.createShare(s.targetBatch))
	in.Get("/shares/:id/", s.showShare)
	in.Post("/shares/:id/revoke", s.revokeShare)
	in.Get("/find/", s.find)
	in.Get("/search/", s.showSearch)
	in.Get("/api/", s.showAPI)
	in.Get("/tokens/new/", s.newToken)
	in.Post("/tokens/new/", s.createToken)
	serveList(s, in, "/tokens/", s.tokensList())
	in.Get("/tokens/:id/", s.showToken)
	in.Get("/tokens/:id/created/", s.tokenCreated)
	in.Post("/tokens/:id/revoke", s.revokeToken)
	in.Get("/profile/", s.showProfile)
	in.Post("/profile/name", s.renameSelf)
	in.Post("/profile/password", s.changePassword)
	in.Get("/profile/second-factor/", s.newFactor)
	in.Post("/profile/second-factor/", s.confirmFactor)
	in.Get("/profile/second-factor/codes/", s.factorCodes)
	in.Post("/profile/second-factor/codes/", s.newFactorCodes)
	in.Post("/profile/second-factor/off", s.turnFactorOff)
	in.Post("/profile/sessions/revoke-others", s.endOtherSessions)
	in.Post("/profile/sessions/:id/revoke", s.endSession)
	s.registerWebhooks(in)
	s.registerAdmin(app)
}

// registerWebhooks adds the pages for admins.
func (s *site) registerWebhooks(in fiber.Router) {
	admin := fiberx.RequireAdmin
	in.Get("/endpoints/new/", admin, s.newEndpoint)
	in.Post("/endpoints/new/", admin, s.createEndpoint)
	serveList(s, in, "/endpoints/", s.endpointsList(), admin)
	in.Get("/endpoints/receive/", admin, s.showReceive)
	in.Get("/endpoints/:id/", admin, s.showEndpoint)
	in.Get("/endpoints/:id/created/", admin, s.endpointCreated)
	in.Get("/endpoints/:id/edit/", admin, s.editEndpoint)
	in.Post("/endpoints/:id/edit/", admin, s.updateEndpoint)
	in.Post("/endpoints/:id/switch", admin, s.switchEndpoint)
	in.Post("/endpoints/:id/delete", admin, s.deleteEndpoint)
	in.Post("/endpoints/preview", admin, s.previewEndpoint)
	in.Post("/endpoints/:id/secret", admin, s.revealSecret)
	in.Post("/endpoints/:id/rotate", admin, s.rotateSecret)
	in.Post("/endpoints/:id/retire", admin, s.retireSecret)
	in.Get("/endpoints/:id/certificate/", admin, s.newCert)
	in.Post("/endpoints/:id/certificate/", admin, s.setCert)
	in.Post("/endpoints/:id/certificate/remove", admin, s.removeCert)
	in.Post("/endpoints/:id/test", admin, s.testEndpoint)
	in.Get("/endpoints/:id/sample/", admin, s.newSample)
	in.Post("/endpoints/:id/sample/", admin, s.sendSample)
	in.Post("/endpoints/:id/retry", admin, s.retryEndpoint)
	in.Post("/endpoints/:id/catch-up", admin, s.catchUp)
	in.Get("/endpoints/:id/replay/", admin, s.newReplay)
	in.Post("/endpoints/:id/replay/", admin, s.createReplay)
	serveList(s, in, "/replays/", s.replaysList(), admin)
	in.Get("/replays/:id/", admin, s.showReplay)
	in.Post("/replays/:id/cancel", admin, s.cancelReplay)
	serveList(s, in, "/deliveries/", s.deliveriesList(), admin)
	in.Get("/deliveries/stuck/", admin, s.showStuck)
	in.Get("/deliveries/:id/", admin, s.showDelivery)
	in.Post("/deliveries/:id/redeliver", admin, s.redeliver)
	in.Post("/deliveries/:id/cancel", admin, s.cancelDelivery)
	serveList(s, in, "/events/", s.eventsList(), admin)
	in.Get("/events/:id/", admin, s.showEvent)
	in.Post("/events/:id/retry", admin, s.retryEvent)
}

func toDashboard(c *fiber.Ctx) error { return c.Redirect("/app/", fiber.StatusFound) }

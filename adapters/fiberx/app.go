package fiberx

import (
	"log/slog"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// MaxSmallBody is how many bytes a route without Upload takes.
const MaxSmallBody = 1 << 20

// Defaults of Config and limits that are no setting.
const (
	defaultIdleTimeout   = 60 * time.Second
	defaultHeaderTimeout = 20 * time.Second
	keepAliveTimeout     = 75 * time.Second
	pageWriteTimeout     = 60 * time.Second
	handlerTimeout       = 60 * time.Second // of a request's context, except in Upload
	readBufferSize       = 16 << 10         // bounds the size of a request's header
	prefetched           = 1                // bytes of a declared body that fasthttp reads before the handler runs
)

// Config is what New needs.
type Config struct {
	Logger         *slog.Logger
	IDs            ports.IDs
	Clock          ports.Clock
	SignIn         usecase.SignIn
	Views          fiber.Views                                           // nil for none
	RenderError    func(c *fiber.Ctx, status int, e *domain.Error) error // HTML error pages; nil: plain text
	TrustedProxies []string                                              // CIDRs or addresses; empty: none
	BaseURL        string                                                // for Origin checks; https makes cookies Secure
	IdleTimeout    time.Duration                                         // a body that sends nothing for this long is cut off; default 60 s
	HeaderTimeout  time.Duration                                         // header and small body must be here by then; default 20 s
	UploadLimit    int64                                                 // bytes; a larger declared body is refused at Expect: 100-continue; 0: no limit
	Observe        func(Observation)                                     // called once for each answer; nil for none
	Headers        func(c *fiber.Ctx)                                    // adds to the headers of every answer, also of what is refused before a route runs; nil for none
}

// Observation is one answered request, for metrics. Route is the pattern, not
// the path, so that it has few values.
type Observation struct {
	Method, Route string
	Status        int
	Took          time.Duration
}

// server is a Config made ready; every request points to it.
type server struct {
	Config
	origin  string // scheme://host[:port] of BaseURL
	secure  bool
	proxies []netip.Prefix
	app     *fiber.App
	uploads atomic.Pointer[uploadRoutes]
}

// New returns an app without routes; see the package comment for what happens
// around each handler.
func New(cfg Config) *fiber.App {
	s := &server{Config: cfg}
	if s.IdleTimeout <= 0 {
		s.IdleTimeout = defaultIdleTimeout
	}
	if s.HeaderTimeout <= 0 {
		s.HeaderTimeout = defaultHeaderTimeout
	}
	if u, err := url.Parse(cfg.BaseURL); err == nil && u.Host != "" {
		s.origin, s.secure = u.Scheme+"://"+u.Host, u.Scheme == "https"
	}
	s.proxies = parseProxies(cfg.TrustedProxies, cfg.Logger)
	s.app = fiber.New(fiber.Config{
		AppName:                      "Doorito",
		DisableStartupMessage:        true,
		Views:                        cfg.Views,
		ErrorHandler:                 s.fail,
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true,
		ReadBufferSize:               readBufferSize,
		BodyLimit:                    prefetched, // the limits that count are the guard's and the use cases'
		ReadTimeout:                  s.HeaderTimeout,
		WriteTimeout:                 pageWriteTimeout,
		IdleTimeout:                  keepAliveTimeout,
	})
	s.app.Server().ExpectHandler = s.expect
	s.app.Server().Handler = s.knownMethod(s.app.Server().Handler)
	s.app.Use(s.serve, s.guard, s.identify)
	return s.app
}

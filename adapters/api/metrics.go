package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// metricsGate lets this machine and bearers of the token to the metrics.
func (h *handlers) metricsGate(c *fiber.Ctx) error {
	if h.MetricsToken != "" {
		_, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
		want, got := sha256.Sum256([]byte(h.MetricsToken)), sha256.Sum256([]byte(token))
		if subtle.ConstantTimeCompare(want[:], got[:]) == 1 {
			return c.Next()
		}
	}
	if fiberx.FromLoopback(c) {
		return c.Next()
	}
	return domain.Errorf(domain.Forbidden, "Metrics are for this machine alone, or for who sends the METRICS_TOKEN as bearer.")
}

func metricsOr(h fiber.Handler) fiber.Handler {
	if h != nil {
		return h
	}
	return adaptor.HTTPHandler(promhttp.Handler())
}

// ObserveRequests registers counter and histogram of answered requests and
// returns what feeds them, for fiberx.Config. It panics when they are
// registered already.
func ObserveRequests(reg prometheus.Registerer) func(fiberx.Observation) {
	total := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "doorito_http_requests_total", Help: "Answered requests.",
	}, []string{"method", "route", "status"})
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "doorito_http_request_duration_seconds", Help: "From the header to the answer; a download's bytes come after it.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60, 600},
	}, []string{"method", "route"})
	reg.MustRegister(total, took)
	return func(o fiberx.Observation) {
		total.WithLabelValues(o.Method, o.Route, strconv.Itoa(o.Status)).Inc()
		took.WithLabelValues(o.Method, o.Route).Observe(o.Took.Seconds())
	}
}

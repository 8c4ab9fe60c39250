package fiberx

import (
	"slices"

	"github.com/gofiber/fiber/v2"
)

// RouteTable lists what the app answers, sorted: "GET /app/files/:id". The
// HEAD that comes with each GET is left out.
func RouteTable(app *fiber.App) []string {
	var out []string
	for _, r := range app.GetRoutes(true) {
		if r.Method != fiber.MethodHead {
			out = append(out, r.Method+" "+r.Path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

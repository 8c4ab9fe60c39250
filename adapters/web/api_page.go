package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/web/apidoc"
)

// APIPage is the API's own description, made readable.
type APIPage struct {
	Page
	Doc    *apidoc.Doc
	Errors []apidoc.Answer // one of each status
	Setup  string          // what a terminal needs before the first example
}

func (s *site) showAPI(c *fiber.Ctx) error {
	return render(c, "pages/api", "", APIPage{
		Page: s.page(c, "API", "api"), Doc: s.API, Errors: errorKinds(s.API.Errors),
		Setup: "export PORTAL=\"" + s.BaseURL + "\"\nexport TOKEN=\"dto_…\"   # one of yours\n\ncurl \"$PORTAL/api/v1/me\" \\\n  -H \"Authorization: Bearer $TOKEN\"",
	})
}

// errorKinds are sorted by status; of one status the first is shown.
func errorKinds(all []apidoc.Answer) []apidoc.Answer {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b apidoc.Answer) int { return strings.Compare(a.Status, b.Status) })
	return slices.CompactFunc(out, func(a, b apidoc.Answer) bool { return a.Status == b.Status })
}

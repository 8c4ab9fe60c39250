package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/ports/usecase"
)

// FindPage is what the command palette found beside the pages it knows.
type FindPage struct {
	Words string
	Found []FindLine
	All   string // the search page with these words
}

// FindLine is a line of the palette.
type FindLine struct {
	ID, URL, Icon, Title, Kind, State string
	At                                time.Time
}

// foundAt is where a found thing has its page, and how it shows.
var foundAt = map[usecase.Kind]struct{ path, icon, kind string }{
	usecase.KindFiles:      {"/app/files/", "file", "file"},
	usecase.KindBatches:    {"/app/batches/", "layers", "batch"},
	usecase.KindEndpoints:  {"/app/endpoints/", "webhook", "endpoint"},
	usecase.KindUsers:      {"/admin/users/", "user", "user"},
	usecase.KindEvents:     {"/app/events/", "radio", "event"},
	usecase.KindDeliveries: {"/app/deliveries/", "send", "delivery"},
}

// find answers the palette while somebody types.
func (s *site) find(c *fiber.Ctx) error {
	words := strings.TrimSpace(c.Query("q"))
	found, err := s.Search.Find(c.UserContext(), fiberx.Actor(c), words)
	if err != nil {
		return err
	}
	p := FindPage{Words: clip(words, 60)}
	if words != "" {
		p.All = searchURL(words)
	}
	for _, f := range found {
		p.Found = append(p.Found, findLine(f))
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Render("partials/palette_found", p, noLayout)
}

func findLine(f usecase.Found) FindLine {
	at := foundAt[f.Kind]
	title := f.Title
	if title == "" {
		title = "Batch of " + f.At.UTC().Format("2 Jan, 15:04:05")
	}
	return FindLine{ID: "found-" + at.kind + "-" + f.ID.String(), URL: at.path + f.ID.String() + "/", Icon: at.icon, Title: title, Kind: at.kind, State: f.State, At: f.At}
}

package web

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/ports/usecase"
)

// SearchPage is everything with some words in its name, by kinds.
type SearchPage struct {
	Page
	Words  string
	Groups []SearchGroup
	Hint   string // what else could be tried, when nothing was found
}

// SearchGroup is what was found of one kind.
type SearchGroup struct {
	Title, ID string
	Lines     []FindLine
	All       string // the list of the kind with these words
	AllText   string
}

// searchKinds are the groups in their order, with the list that goes on.
var searchKinds = []struct {
	kind        usecase.Kind
	title, list string
}{
	{usecase.KindFiles, "Files", "/app/files/"}, {usecase.KindBatches, "Batches", "/app/batches/"}, {usecase.KindEvents, "Events", "/app/events/"},
	{usecase.KindDeliveries, "Deliveries", "/app/deliveries/"}, {usecase.KindEndpoints, "Endpoints", "/app/endpoints/"}, {usecase.KindUsers, "Users", "/admin/users/"},
}

// showSearch answers the search page; words are in its address.
func (s *site) showSearch(c *fiber.Ctx) error {
	words := strings.TrimSpace(c.Query("q"))
	found, err := s.Search.FindAll(c.UserContext(), fiberx.Actor(c), words)
	if err != nil {
		return err
	}
	p := SearchPage{Page: s.page(c, "Search", "search"), Words: clip(words, 200)}
	for _, k := range searchKinds {
		g := SearchGroup{Title: k.title, ID: "found-" + string(k.kind), All: k.list + "?q=" + url.QueryEscape(p.Words), AllText: "All " + strings.ToLower(k.title) + " like this"}
		for _, f := range found {
			if f.Kind == k.kind {
				g.Lines = append(g.Lines, findLine(f))
			}
		}
		if len(g.Lines) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	if n := len([]rune(words)); n > 0 && n < 3 {
		p.Hint = "With one or two letters, names that begin with them are found. Type a third one to look inside names."
	}
	return render(c, "pages/search", "search", p)
}

// searchURL is the search page for words.
func searchURL(words string) string { return "/app/search/?q=" + url.QueryEscape(words) }

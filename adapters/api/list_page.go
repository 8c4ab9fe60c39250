package api

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// pageJSON is one page of a list, newest first. Next and Prev are cursors for
// after and before; null where there is nothing more.
type pageJSON[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
	Prev  *string `json:"prev"`
}

// sendPage answers with a page, and links to its neighbours (RFC 8288).
func sendPage[D, J any](c *fiber.Ctx, page ports.Page[D], place func(D) ports.Cursor, to func(D) J) error {
	out := pageJSON[J]{Items: make([]J, len(page.Items))}
	for i, item := range page.Items {
		out.Items[i] = to(item)
	}
	var links []string
	if n := len(page.Items); n > 0 {
		if page.Older {
			out.Next = cursorText(place(page.Items[n-1]))
			links = append(links, link(c, "next", "after", *out.Next))
		}
		if page.Newer {
			out.Prev = cursorText(place(page.Items[0]))
			links = append(links, link(c, "prev", "before", *out.Prev))
		}
	}
	if len(links) > 0 {
		c.Set(fiber.HeaderLink, strings.Join(links, ", "))
	}
	return c.JSON(out)
}

// link keeps the query but for the place.
func link(c *fiber.Ctx, rel, key, cursor string) string {
	q := queryOf(c)
	q.Del("after")
	q.Del("before")
	q.Set(key, cursor)
	return fmt.Sprintf(`<%s>; rel="%s"`, (&url.URL{Path: c.Path(), RawQuery: q.Encode()}).String(), rel)
}

// A cursor is the row's microseconds and id. Clients take it as it is.
const cursorSize = 8 + 16

func cursorText(cur ports.Cursor) *string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, cursorSize), uint64(cur.At.UnixMicro()))
	s := base64.RawURLEncoding.EncodeToString(append(b, cur.ID[:]...))
	return &s
}

func parseCursor(name, s string) (*ports.Cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != cursorSize {
		return nil, domain.FieldErrorf(name, "This is not a cursor of this list. Take next or prev of a page as they are.")
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC()
	if at.Year() < 1 || at.Year() > 9999 {
		return nil, domain.FieldErrorf(name, "This is not a cursor of this list. Take next or prev of a page as they are.")
	}
	return &ports.Cursor{At: at, ID: uuid.UUID(b[8:])}, nil
}

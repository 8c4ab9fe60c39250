package tus

import (
	"github.com/dunglas/httpsfv"
	"github.com/gofiber/fiber/v2"
)

// Structured fields (RFC 9651). A value of another type makes the draft ignore
// the whole header, as if it were not there.

// integerItem reads an Item that is a non-negative Integer.
func integerItem(c *fiber.Ctx, name string) (int64, bool) {
	return parseInteger(lines(c, name))
}

// booleanItem reads an Item that is a Boolean.
func booleanItem(c *fiber.Ctx, name string) (value, ok bool) {
	return parseBoolean(lines(c, name))
}

// digestOf reads the byte sequence under a key of a Dictionary, as Content-Digest
// and Repr-Digest are (RFC 9530).
func digestOf(c *fiber.Ctx, name, key string) ([]byte, bool) {
	return parseDigest(lines(c, name), key)
}

func parseInteger(text []string) (int64, bool) {
	item, err := httpsfv.UnmarshalItem(text)
	if err != nil {
		return 0, false
	}
	n, ok := item.Value.(int64)
	return n, ok && n >= 0
}

func parseBoolean(text []string) (value, ok bool) {
	item, err := httpsfv.UnmarshalItem(text)
	if err != nil {
		return false, false
	}
	value, ok = item.Value.(bool)
	return value, ok
}

func parseDigest(text []string, key string) ([]byte, bool) {
	all, err := httpsfv.UnmarshalDictionary(text)
	if err != nil {
		return nil, false
	}
	member, ok := all.Get(key)
	if !ok {
		return nil, false
	}
	item, ok := member.(httpsfv.Item)
	if !ok {
		return nil, false
	}
	sum, ok := item.Value.([]byte)
	return sum, ok
}

func lines(c *fiber.Ctx, name string) []string {
	var out []string
	for _, line := range c.Request().Header.PeekAll(name) {
		out = append(out, string(line))
	}
	return out
}

package web

import (
	"fmt"

	"doorito/adapters/web/list"
	"doorito/domain"
)

// checkCell is how far the reading of a file's bytes is, or what came of it.
func checkCell(c *domain.FileCheck) list.Cell {
	switch {
	case c == nil:
		return list.Faint("not yet")
	case c.State == domain.CheckWaiting:
		return list.Text("in a moment")
	case c.State == domain.CheckRunning:
		percent := 100
		if c.Total > 0 {
			percent = int(c.Done * 100 / c.Total)
		}
		return list.Arriving(percent, fmt.Sprintf("%d %%", percent))
	case c.State == domain.CheckMatches:
		return list.Since("matches,", c.EndedAt)
	}
	return list.Toned(checkFault(c), "error")
}

// checkFault says what is wrong with the bytes, "" when nothing is.
func checkFault(c *domain.FileCheck) string {
	switch c.State {
	case domain.CheckDifferent:
		return fmt.Sprintf("The storage has %s with the SHA-256 %.12s…, not what came in.", domain.FormatBytes(c.Done), c.SHA256)
	case domain.CheckMissing, domain.CheckBroken:
		return c.Message
	}
	return ""
}

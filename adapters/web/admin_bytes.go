package web

import (
	"fmt"
	"strconv"

	"doorito/adapters/web/admin"
	"doorito/domain"
)

// mapWidth is the width of a byte map, and leastGap the smallest gap in it that
// can be seen: parts closer than that are drawn as one.
const (
	mapWidth = 1000.0
	leastGap = 0.5
)

// byteRange is bytes from one up to, but not including, another.
type byteRange struct{ from, to int64 }

// byteMap draws which bytes of an upload are here; nil for one of no known
// size.
func byteMap(d sessionRow) *admin.ByteMap {
	row := d.Session
	if row.TotalSize == nil || *row.TotalSize == 0 {
		return nil
	}
	total := *row.TotalSize
	runs := receivedRanges(d)
	m := &admin.ByteMap{Title: "Bytes that are here", Text: fmt.Sprintf("%d %% · %s", row.BytesReceived*100/total, receivedWords(row))}
	m.Label = fmt.Sprintf("%s are here, in %s without a gap", receivedWords(row), counted(len(runs), "run"))
	if row.Mode == domain.ModeParts {
		m.Text += fmt.Sprintf(" · %s of %s parts", groupInt(row.CompletedParts), groupInt(row.TotalParts()))
	}
	scale := mapWidth / float64(total)
	for _, r := range joined(runs, int64(leastGap/scale)) {
		m.Spans = append(m.Spans, admin.ByteSpan{
			X: places(float64(r.from) * scale), W: places(max(float64(r.to-r.from)*scale, leastGap)),
			Title: fmt.Sprintf("bytes %s to %s", groupInt(int(r.from)), groupInt(int(r.to-1))),
		})
	}
	return m
}

// receivedRanges are the durable bytes, in order.
func receivedRanges(d sessionRow) []byteRange {
	row := d.Session
	if row.Mode != domain.ModeParts || row.Status == domain.SessionComplete {
		if row.BytesReceived == 0 {
			return nil
		}
		return []byteRange{{0, row.BytesReceived}}
	}
	var all []byteRange
	for _, p := range d.Parts {
		all = append(all, byteRange{p.Offset, p.Offset + p.Size})
	}
	return joined(all, 0)
}

// joined makes one of ranges that are at most gap bytes apart.
func joined(ranges []byteRange, gap int64) []byteRange {
	var out []byteRange
	for _, r := range ranges {
		if n := len(out); n > 0 && r.from-out[n-1].to <= gap {
			out[n-1].to = r.to
			continue
		}
		out = append(out, r)
	}
	return out
}

func places(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

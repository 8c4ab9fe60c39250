package main

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"slices"
)

// colours is how many a picture keeps: its most frequent ones, which on pages of
// flat colour and text leaves edges that nobody can tell from the whole.
const colours = 160

// exact is how many of the most frequent ones are kept whatever they look like:
// the papers are close to each other.
const exact = 24

// small is a PNG with a palette.
func small(picture []byte) ([]byte, error) {
	src, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	box := src.Bounds()
	out := image.NewPaletted(box, palette(src))
	known := map[color.RGBA]uint8{}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := solid(src.At(x, y))
			i, ok := known[c]
			if !ok {
				i = uint8(out.Palette.Index(c))
				known[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	var b bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, out)
	return b.Bytes(), err
}

func solid(c color.Color) color.RGBA {
	r, g, b, _ := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
}

// palette are the most frequent colours that are not next to a more frequent
// one already taken: a small blob of a loud colour counts as much as the many
// greys of the text's edges.
func palette(src image.Image) color.Palette {
	count := map[color.RGBA]int{}
	box := src.Bounds()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			count[solid(src.At(x, y))]++
		}
	}
	all := make([]color.RGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(uint32(a.R)<<16|uint32(a.G)<<8|uint32(a.B), uint32(b.R)<<16|uint32(b.G)<<8|uint32(b.B)))
	})
	var out color.Palette
	for _, c := range all[:min(exact, len(all))] {
		out = append(out, c)
	}
	for apart := 12; len(out) < min(colours, len(all)) && apart >= 0; apart -= 4 {
		for _, c := range all {
			if len(out) == colours {
				break
			}
			if !slices.ContainsFunc(out, func(o color.Color) bool { return near(o.(color.RGBA), c, apart) }) {
				out = append(out, c)
			}
		}
	}
	return out
}

// near tells whether no part of two colours is further apart than this.
func near(a, b color.RGBA, apart int) bool {
	far := func(x, y uint8) bool { return max(x, y)-min(x, y) > uint8(apart) }
	return !far(a.R, b.R) && !far(a.G, b.G) && !far(a.B, b.B)
}

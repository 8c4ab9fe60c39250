package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// A picture of many colours becomes one with a palette, in which papers that are
// close to each other stay apart and a rare loud colour stays loud.
func TestAPictureKeepsItsPapersAndItsLoudColours(t *testing.T) {
	t.Parallel()
	paper, panel, lamp := color.RGBA{249, 247, 243, 255}, color.RGBA{254, 253, 251, 255}, color.RGBA{245, 128, 33, 255}
	src := image.NewRGBA(image.Rect(0, 0, 300, 300))
	for y := range 300 {
		for x := range 300 {
			c := paper
			switch {
			case x == 7 && y < 3:
				c = lamp
			case x >= 285:
				c = color.RGBA{uint8(x), uint8(y), uint8(x + y), 255}
			case y > 150:
				c = panel
			}
			src.SetRGBA(x, y, c)
		}
	}
	var in bytes.Buffer
	if err := png.Encode(&in, src); err != nil {
		t.Fatal(err)
	}
	out, err := small(in.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	p, ok := got.(*image.Paletted)
	if !ok || len(p.Palette) > colours {
		t.Fatalf("%T, or too many colours", got)
	}
	for at, want := range map[image.Point]color.RGBA{{X: 100, Y: 100}: paper, {X: 100, Y: 200}: panel} {
		if c := solid(got.At(at.X, at.Y)); c != want {
			t.Errorf("at %s: %v, want %v", at, c, want)
		}
	}
	if c := solid(got.At(7, 1)); !near(c, lamp, 12) {
		t.Errorf("the lamp is %v", c)
	}
}

package web

import (
	"image/color"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// QR is a QR code to be drawn as SVG: a square of Size modules, of which Path
// fills the dark ones.
type QR struct {
	Size int
	Path string
}

// quiet is the white margin that scanners need, in modules (ISO/IEC 18004).
const quiet = 4

// drawQR makes a code of a text, with the error correction that screens need.
func drawQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return QR{}, err
	}
	n := code.Bounds().Dx()
	var path strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			begin := x
			for x < n && code.At(x, y) == color.Black {
				x++
			}
			if w := strconv.Itoa(x - begin); x > begin {
				path.WriteString("M" + strconv.Itoa(begin+quiet) + " " + strconv.Itoa(y+quiet) + "h" + w + "v1h-" + w + "z")
			}
		}
	}
	return QR{n + 2*quiet, path.String()}, nil
}

package tus

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// informer sends 104 for one request; the zero value sends nothing.
type informer struct {
	dialect
	to fiberx.Interim
}

// interim is for clients that named their version, others would not know what
// it means.
func (d dialect) interim(c *fiber.Ctx) informer {
	if !d.named {
		return informer{}
	}
	return informer{d, fiberx.InterimOf(c)}
}

func (i informer) send(fields ...string) {
	i.to.Send(statusResumable, "Upload Resumption Supported", append([]string{hInterop + ": " + i.String()}, fields...)...)
}

// created tells the address of a new upload while its bytes are still coming.
func (i informer) created(location, limits string) {
	if !i.named {
		return
	}
	fields := []string{fiber.HeaderLocation + ": " + location}
	if limits != "" {
		fields = append(fields, hLimit+": "+limits)
	}
	i.send(fields...)
}

// saved tells what is durable, once a second at most and at the end; nil before version 5, which
// has no progress.
func (i informer) saved() func(offset int64) {
	if !i.named || i.version < 5 {
		return nil
	}
	return func(offset int64) { i.send(hOffset + ": " + strconv.FormatInt(offset, 10)) }
}

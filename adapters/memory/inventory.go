package memory

import (
	"context"
	"strings"

	"doorito/ports"
)

var _ ports.Inventory = (*Blobs)(nil)

// Holdings implements ports.Inventory, in one page. What is unfinished changed
// just now.
func (b *Blobs) Holdings(ctx context.Context, prefix string, visit func([]ports.Holding) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	var page []ports.Holding
	for key, found := range b.blobs {
		page = append(page, ports.Holding{Key: key, Blob: true, Changed: found.info.ModTime})
	}
	for key, s := range b.stages {
		page = append(page, ports.Holding{Key: key, Changed: s.changed})
	}
	for w := range b.open {
		page = append(page, ports.Holding{Key: w.key, Changed: b.clock.Now()})
	}
	fault := b.fault
	b.mu.Unlock()
	if fault != nil {
		return fault
	}
	kept := page[:0]
	for _, h := range page {
		if strings.HasPrefix(h.Key, prefix) {
			kept = append(kept, h)
		}
	}
	return visit(kept)
}

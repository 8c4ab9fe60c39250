package engine

import (
	"context"
	"fmt"
)

// Backstop is the queue's relay.run and delivery.run: it does what the bell may
// have missed and says so.
func (e *Engine) Backstop(ctx context.Context) (string, error) {
	d, err := e.Pass(ctx)
	if err != nil {
		return "", err
	}
	if d == (Done{}) {
		return "nothing left to do", nil
	}
	return fmt.Sprintf("relayed %d, delivered %d, failed %d, released %d", d.Relayed, d.Delivered, d.Failed, d.Released), nil
}

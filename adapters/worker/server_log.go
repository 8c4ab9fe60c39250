package worker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"doorito/ports"
)

var _ asynq.Logger = (*asynqLog)(nil)

// remarkEvery is how often Asynq's complaints are passed on: without Redis it has
// several a second that all say the same.
const remarkEvery = 30 * time.Second

// asynqLog passes Asynq's own remarks on, at level debug where they tell of
// normal life. It never ends the process.
type asynqLog struct {
	log   *slog.Logger
	clock ports.Clock

	mu   sync.Mutex
	next time.Time
}

func (l *asynqLog) Debug(...any)      {}
func (l *asynqLog) Info(args ...any)  { l.log.Debug("queue", "note", fmt.Sprint(args...)) }
func (l *asynqLog) Warn(args ...any)  { l.complain(args) }
func (l *asynqLog) Error(args ...any) { l.complain(args) }
func (l *asynqLog) Fatal(args ...any) { l.log.Error("queue", "note", fmt.Sprint(args...)) }

func (l *asynqLog) complain(args []any) {
	level := slog.LevelWarn
	l.mu.Lock()
	if now := l.clock.Now(); now.Before(l.next) {
		level = slog.LevelDebug
	} else {
		l.next = now.Add(remarkEvery)
	}
	l.mu.Unlock()
	l.log.Log(context.Background(), level, "queue", "note", fmt.Sprint(args...))
}

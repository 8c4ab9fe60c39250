package webhook

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"

	"doorito/domain"
)

// stage is how far an attempt has come.
type stage int

const (
	stageStart stage = iota
	stageLookup
	stageConnect
	stageTLS
	stageWrite
	stageWait
	stageAnswer
)

// stopwatch measures an attempt. The transport calls it from its own
// goroutines, a dial even after the attempt is over, so all is under a lock.
// It reads the system's monotonic clock: these are durations, not times.
type stopwatch struct {
	mu     sync.Mutex
	at     stage
	reused bool
	begin  time.Time
	mark   map[stage]time.Time
	parts  domain.Phases
}

func newStopwatch() *stopwatch {
	return &stopwatch{begin: time.Now(), mark: make(map[stage]time.Time, 4)}
}

// watch returns a context in which the transport reports to the stopwatch.
func (w *stopwatch) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { w.enter(stageLookup) },
		DNSDone:           func(httptrace.DNSDoneInfo) { w.leave(stageLookup, &w.parts.DNS) },
		ConnectStart:      func(_, _ string) { w.enter(stageConnect) },
		ConnectDone:       func(_, _ string, _ error) { w.leave(stageConnect, &w.parts.Connect) },
		TLSHandshakeStart: func() { w.enter(stageTLS) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { w.leave(stageTLS, &w.parts.TLS) },
		GotConn: func(i httptrace.GotConnInfo) {
			w.enter(stageWrite)
			w.connected(i.Reused)
		},
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			if i.Err == nil {
				w.enter(stageWait)
			}
		},
		GotFirstResponseByte: func() {
			w.enter(stageAnswer)
			w.leave(stageWrite, &w.parts.FirstByte)
		},
	})
}

// enter notes the first time a stage begins; a stage never goes back.
func (w *stopwatch) enter(s stage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, again := w.mark[s]; !again {
		w.mark[s] = time.Now()
	}
	w.at = max(w.at, s)
}

// leave takes the time since the stage began. On a used connection the phases
// of making one did not happen, even when a dial that was begun goes on.
func (w *stopwatch) leave(s stage, into *time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if began, ok := w.mark[s]; ok && !(w.reused && s < stageWrite) {
		*into = time.Since(began)
	}
}

// connected notes that a connection is there.
func (w *stopwatch) connected(reused bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reused = reused
	if reused {
		w.parts.DNS, w.parts.Connect, w.parts.TLS = 0, 0, 0
	}
}

// phases returns what was measured, with the total until now.
func (w *stopwatch) phases() domain.Phases {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.parts
	p.Total = time.Since(w.begin)
	return p
}

func (w *stopwatch) stage() stage {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *stopwatch) elapsed() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Since(w.begin)
}

// untouched tells whether the connection had served before and gave no byte of
// an answer to this request.
func (w *stopwatch) untouched() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reused && w.at < stageAnswer
}

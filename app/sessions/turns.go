package sessions

import (
	"context"
	"io"

	"doorito/domain"
)

// turn is one request for a part. The newest wins: an older one that still
// receives goes on in vain (the storage ends its writing too), while one that
// is being written down is waited for.
type turn struct {
	locks *locks
	key   lockKey
}

// newest makes the caller the one whose part counts.
func (l *locks) newest(ctx context.Context, key lockKey) (*turn, error) {
	unlock, err := l.lock(ctx, key)
	if err != nil {
		return nil, err
	}
	defer unlock()
	t := &turn{l, key}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.turns == nil {
		l.turns = map[lockKey]*turn{}
	}
	l.turns[key] = t
	return t, nil
}

// ifStillOurs runs op, unless a newer request came; then it is a Conflict.
func (t *turn) ifStillOurs(ctx context.Context, op func() error) error {
	unlock, err := t.locks.lock(ctx, t.key)
	if err != nil {
		return err
	}
	defer unlock()
	if err := t.check(); err != nil {
		return err
	}
	return op()
}

// check is a Conflict when a newer request came.
func (t *turn) check() error {
	t.locks.mu.Lock()
	defer t.locks.mu.Unlock()
	if t.locks.turns[t.key] == t {
		return nil
	}
	return domain.Errorf(domain.Conflict, "Another request sends this part. Wait for it, or send the part again.")
}

// while is r for as long as no newer request comes: a body that hung and comes
// to life late reaches no storage.
func (t *turn) while(r io.Reader) io.Reader { return gated{r, t} }

type gated struct {
	body io.Reader
	turn *turn
}

func (g gated) Read(p []byte) (int, error) {
	n, err := g.body.Read(p)
	if lost := g.turn.check(); lost != nil {
		return 0, lost
	}
	return n, err
}

// entering is while for what was read ahead: a storage that has read a first
// byte begins, and ends an earlier writer of the part.
type entering struct{ gated }

// WriteTo spares a copy; it looks for newer requests as often as Read.
func (e entering) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(gatedWriter{w, e.turn}, e.body)
}

type gatedWriter struct {
	to   io.Writer
	turn *turn
}

func (g gatedWriter) Write(p []byte) (int, error) {
	if lost := g.turn.check(); lost != nil {
		return 0, lost
	}
	return g.to.Write(p)
}

func (t *turn) leave() {
	t.locks.mu.Lock()
	defer t.locks.mu.Unlock()
	if t.locks.turns[t.key] == t {
		delete(t.locks.turns, t.key)
	}
}

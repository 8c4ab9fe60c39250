package e2e

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// cable is the network between a client and a portal: a TCP proxy whose
// connections can be cut, and whose portal can move.
type cable struct {
	URL  string
	to   atomic.Value // host:port
	cuts atomic.Int64 // how many connections still break off
	at   int64        // after so many bytes of the client

	mu   sync.Mutex
	open map[net.Conn]bool
}

// newCable listens until the test ends. The first cuts connections break off
// after so many bytes of the client.
func newCable(t *testing.T, to string, cuts, after int64) *cable {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{URL: "http://" + ln.Addr().String(), at: after, open: map[net.Conn]bool{}}
	c.cuts.Store(cuts)
	c.lead(to)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { c.carry(in) })
		}
	})
	t.Cleanup(func() { ln.Close(); c.Cut(); all.Wait() })
	return c
}

// lead sets the portal by its URL.
func (c *cable) lead(url string) { c.to.Store(strings.TrimPrefix(url, "http://")) }

func (c *cable) carry(in net.Conn) {
	out, err := net.Dial("tcp", c.to.Load().(string))
	if err != nil {
		in.Close()
		return
	}
	c.keep(in, true)
	c.keep(out, true)
	end := func() { in.Close(); out.Close() }
	var both sync.WaitGroup
	both.Go(func() {
		defer end()
		var up io.Reader = in
		if c.at > 0 {
			up = &breaking{in, c, c.at}
		}
		// How it ends is the client's matter.
		_, _ = io.Copy(struct{ io.Writer }{out}, up)
	})
	both.Go(func() {
		defer end()
		_, _ = io.Copy(struct{ io.Writer }{in}, out)
	})
	both.Wait()
	c.keep(in, false)
	c.keep(out, false)
}

func (c *cable) keep(conn net.Conn, open bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if open {
		c.open[conn] = true
	} else {
		delete(c.open, conn)
	}
}

// Cut ends every connection.
func (c *cable) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.open {
		conn.Close()
	}
}

// breaking ends after some bytes, as long as there are cuts left.
type breaking struct {
	net.Conn
	c    *cable
	left int64
}

func (b *breaking) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	if b.left -= int64(n); b.left <= 0 && b.c.cuts.Add(-1) >= 0 {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// connection sends one request after the other.
type connection struct {
	sender  *sender
	conn    net.Conn
	answers *bufio.Reader
	forget  func() bool
}

// dial opens one, which ends with ctx.
func (s *sender) dial(ctx context.Context) (*connection, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.host)
	if err != nil {
		return nil, err
	}
	forget := context.AfterFunc(ctx, func() { _ = conn.Close() })
	return &connection{s, conn, bufio.NewReader(conn), forget}, nil
}

func (c *connection) close() {
	c.forget()
	_ = c.conn.Close() // there is nothing left to send
}

// send returns the answer to r.
func (c *connection) send(r request) (code int, body []byte, err error) {
	sent := c.sender.write(c.conn, r) // a server that refuses answers before it has all
	res, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("%s: no answer: %w", r.line, errors.Join(sent, err))
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

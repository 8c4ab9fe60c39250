package services

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are taken below the kernel's ephemeral range (32768 and up), so that a
// service which is stopped and started again never finds its port taken by some
// client's outgoing connection.
const (
	portFrom = 20000
	portTo   = 32000
)

// FreePort is one on loopback that nobody listens on at this moment.
func FreePort() (int, error) {
	for range 200 {
		port := portFrom + rand.IntN(portTo-portFrom)
		l, err := net.Listen("tcp", loopback(port))
		if err != nil {
			continue
		}
		_ = l.Close()
		return port, nil
	}
	return 0, errors.New("no free port between 20000 and 32000 on 127.0.0.1")
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// onFreePort runs begin with fresh ports until one start does not die at once:
// another program may take the port between our look and the service's bind.
func onFreePort(begin func(port int) error) error {
	var err error
	for range 5 {
		var port int
		if port, err = FreePort(); err != nil {
			return err
		}
		if err = begin(port); err == nil || !errors.Is(err, errEnded) {
			return err
		}
	}
	return fmt.Errorf("gave up after five ports: %w", err)
}

package services

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// RedisServer is a private Redis. Without persistence it is empty after a Stop
// and Start; the port stays the same.
type RedisServer struct {
	URL string

	dir        string
	log        string
	port       int
	persistent bool
	proc       *process
}

func startRedis(dir string, persistent bool) (*RedisServer, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	server := &RedisServer{dir: dir, log: dir + ".log", persistent: persistent}
	err := onFreePort(func(port int) error {
		server.port = port
		server.URL = "redis://" + loopback(port) + "/0"
		return server.Start()
	})
	return server, err
}

// Start starts a stopped server and returns when it answers.
func (s *RedisServer) Start() error {
	program, err := findRedis()
	if err != nil {
		return err
	}
	appendOnly := "no"
	if s.persistent {
		appendOnly = "yes"
	}
	s.proc, err = start(spec{name: "Redis", path: program, logPath: s.log, onDeath: syscall.SIGKILL,
		args: []string{"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.dir, "--daemonize", "no",
			"--save", "", "--appendonly", appendOnly}})
	if err != nil {
		return err
	}
	return s.proc.waitReady(s.ping)
}

// Stop ends the server; clients see their connections drop.
func (s *RedisServer) Stop() { s.proc.stop(syscall.SIGTERM) }

// Kill ends the server at once, as a crash would.
func (s *RedisServer) Kill() { s.proc.stop(syscall.SIGKILL) }

// FlushAll empties the server, as a lost Redis would come back.
func (s *RedisServer) FlushAll() error {
	answer, err := s.command("FLUSHALL")
	if err != nil {
		return err
	}
	if answer != "+OK" {
		return fmt.Errorf("FLUSHALL answered %q", answer)
	}
	return nil
}

// ping also makes sure that it is our server which answers on the port.
func (s *RedisServer) ping() error {
	answer, err := s.command("CONFIG GET dir")
	if err != nil {
		return err
	}
	if answer != s.dir {
		return fmt.Errorf("not ready or not ours: %q", answer)
	}
	return nil
}

// command sends one inline command and returns the last line of its answer;
// speaking the protocol directly keeps a Redis client out of this package.
func (s *RedisServer) command(line string) (string, error) {
	conn, err := net.DialTimeout("tcp", loopback(s.port), time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := fmt.Fprintf(conn, "%s\r\nQUIT\r\n", line); err != nil {
		return "", err
	}
	var lines []string
	for in := bufio.NewScanner(conn); in.Scan(); {
		lines = append(lines, strings.TrimSpace(in.Text()))
	}
	if len(lines) < 2 { // the answer and QUIT's +OK
		return "", fmt.Errorf("short answer to %s: %q", line, lines)
	}
	return lines[len(lines)-2], nil
}

package services

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgresServer is a private PostgreSQL with the superuser doorito, trusted on
// 127.0.0.1. It keeps its port and its data over Stop and Start.
type PostgresServer struct {
	URL string // of the database postgres

	data string
	args []string
	log  string
	port int
	user *syscall.Credential
	proc *process
}

// initdb makes a cluster in dir. Without durable, a crash of the machine may
// lose what was committed (fsync off); a killed client loses nothing either way.
func initPostgres(dir string, durable bool) (*PostgresServer, error) {
	program, err := findPostgres("initdb")
	if err != nil {
		return nil, err
	}
	owner, err := postgresUser()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	if owner != nil {
		if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return nil, fmt.Errorf("give the PostgreSQL folder to its user: %w", err)
		}
	}
	cmd := exec.Command(program, "-D", data, "-U", "doorito", "-A", "trust", "-E", "UTF8",
		"--locale=C.UTF-8", "--no-sync", "--no-instructions")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	args := []string{"-D", data, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "max_connections=500", "-c", "shared_buffers=128MB", "-c", "max_wal_size=2GB",
		"-c", "timezone=UTC", "-c", "log_checkpoints=off"}
	if !durable {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	}
	return &PostgresServer{data: data, args: args, log: dir + ".log", user: owner}, nil
}

func startPostgres(dir string, durable bool) (*PostgresServer, error) {
	server, err := initPostgres(dir, durable)
	if err != nil {
		return nil, err
	}
	err = onFreePort(func(port int) error {
		server.port = port
		server.URL = fmt.Sprintf("postgres://doorito@%s/postgres?sslmode=disable", loopback(port))
		return server.Start()
	})
	return server, err
}

// Start starts a stopped server and returns when it answers.
func (s *PostgresServer) Start() error {
	program, err := findPostgres("postgres")
	if err != nil {
		return err
	}
	// SIGQUIT: the server ends its backends and frees its shared memory at once.
	s.proc, err = start(spec{name: "PostgreSQL", path: program, args: append(s.args, "-p", strconv.Itoa(s.port)),
		logPath: s.log, onDeath: syscall.SIGQUIT, user: s.user})
	if err != nil {
		return err
	}
	return s.proc.waitReady(s.ping)
}

// Stop shuts down cleanly ("fast": open transactions are rolled back).
func (s *PostgresServer) Stop() { s.proc.stop(syscall.SIGINT) }

// Kill ends the server as a crash would; Start then recovers from the log.
func (s *PostgresServer) Kill() { s.proc.stop(syscall.SIGQUIT) }

// ping also makes sure that it is our server which answers on the port.
func (s *PostgresServer) ping() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var data string
	if err := conn.QueryRow(ctx, "SHOW data_directory").Scan(&data); err != nil {
		return err
	}
	if data != s.data {
		return fmt.Errorf("another server answers on port %d", s.port)
	}
	return nil
}

// postgresUser is nil unless we are root, which PostgreSQL refuses to run as.
func postgresUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errU := strconv.ParseUint(account.Uid, 10, 32)
		gid, errG := strconv.ParseUint(account.Gid, 10, 32)
		if errU == nil && errG == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root and there is neither a user %s; run the tests as another user",
		strings.Join([]string{"postgres", "nobody"}, " nor "))
}

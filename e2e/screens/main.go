package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"doorito/e2e/portal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "screens:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	if len(args) != 2 {
		return errors.New("usage: screens PATH-OF-DOORITO FOLDER")
	}
	bin, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "doorito-screens-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rs, err := newReceivers(dir)
	if err != nil {
		return err
	}
	defer rs.close()
	p, err := portal.Start(ctx, portal.Options{Bin: bin, Dir: dir, Env: []string{"SSL_CERT_FILE=" + rs.certificate, "FILE_UPLOAD_TTL_HOURS=240", "API_RATE_LIMIT=0"}})
	if err != nil {
		return err
	}
	o := &office{portal: p, dir: dir, receivers: rs, endpoints: map[string]string{}}
	defer func() { o.portal.Kill() }()
	if err := o.week(ctx); err != nil {
		return fmt.Errorf("the week: %w\n%s", err, o.portal.Log())
	}
	return photograph(ctx, o, dir, args[1])
}

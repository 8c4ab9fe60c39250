// Command doorito is a self-hosted file portal: staff drop files into a web
// page, and every receiver that an admin configured is told by a signed
// webhook, until it has heard.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"doorito/adapters/argon2"
	"doorito/adapters/cli"
)

// version is set by the linker.
var version = "dev"

func main() {
	// The first signal ends the work in order; the second one ends it at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	cfg, err := LoadConfig()
	if err != nil && !needsNoSettings(args) {
		fmt.Fprintln(os.Stderr, "doorito: settings are wrong:")
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	w := &wiring{cfg: cfg, log: newLogger(cfg, os.Stderr), out: os.Stdout, hasher: argon2.NewHasher(rand.Reader, 0)}
	p := &cli.Program{
		Version: version, Clock: w.clock, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Serve: w.serve, Open: w.openCore, Migrate: w.migrate, MigrationStatus: w.migrationStatus, Doctor: w.doctor,
	}
	return p.Run(ctx, args)
}

// needsNoSettings: help, version, the receiver and the uploader work with a
// broken `.env`.
func needsNoSettings(args []string) bool {
	if len(args) == 0 {
		return true
	}
	switch args[0] {
	case "version", "listen", "upload", "help", "--help", "-h":
		return true
	}
	return args[len(args)-1] == "--help" || args[len(args)-1] == "-h"
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Program is what the commands need from the composition root.
type Program struct {
	Version string
	Clock   ports.Clock
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Getenv  func(name string) string
	// Serve runs the roles until ctx ends.
	Serve func(ctx context.Context, r Roles) error
	// Open connects to what the settings name; close it afterwards.
	Open func(ctx context.Context) (*Core, error)
	// Migrate brings the database up; MigrationStatus lists what is applied.
	Migrate         func(ctx context.Context) ([]string, error)
	MigrationStatus func(ctx context.Context) ([]Migration, error)
	// Doctor looks at every part the settings name.
	Doctor func(ctx context.Context) ([]Check, error)
}

// Roles say which parts run in this process.
type Roles struct{ Web, Worker, Scheduler bool }

// Core holds the use cases of short commands.
type Core struct {
	Users     usecase.Users
	Accounts  usecase.AccountWriter
	Tokens    usecase.Tokens
	Endpoints usecase.Endpoints
	Keys      usecase.EndpointKeys
	Reseal    usecase.Resealer
	Factors   Factors
	Replays   usecase.Replays
	Schedules usecase.Schedules
	Storage   usecase.StorageCheck
	Close     func()
}

// Factors is what commands do with second factors.
type Factors interface {
	usecase.FactorResealer
	Reset(ctx context.Context, a domain.Actor, user uuid.UUID) error
}

// Migration is one step of the schema.
type Migration struct {
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

// Check is one line of `doctor`; Err nil means it is well.
type Check struct {
	Name string
	Note string
	Err  error
}

// UsageError is a wrong call or setting: exit code 2.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *UsageError) Unwrap() error { return e.Err }

// exitCode ends the program; what happened was told already.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Run executes the arguments and returns the exit code.
func (p *Program) Run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var told exitCode
	if errors.As(err, &told) {
		return int(told)
	}
	fmt.Fprintln(p.Stderr, "doorito:", message(err))
	var usage *UsageError
	if errors.As(err, &usage) || domain.IsCode(err, domain.Invalid) {
		return 2
	}
	return 1
}

// message is the sentence for the person; causes follow where there are any,
// since whoever sits here is the operator.
func message(err error) string {
	var e *domain.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	if cause := e.Unwrap(); cause != nil {
		return e.Message + " (" + cause.Error() + ")"
	}
	return e.Message
}

func (p *Program) root() *cobra.Command {
	root := &cobra.Command{
		Use: "doorito", Short: "A self-hosted file portal that tells every receiver, signed and until it has heard.",
		SilenceErrors: true, SilenceUsage: true, CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &UsageError{err} })
	root.AddCommand(p.roleCommands()...)
	root.AddCommand(p.migrate(), p.user(), p.token(), p.endpoint(), p.schedule(), p.storage(), p.secrets(), p.upload(), p.listen(), p.doctor(), p.version())
	wrapArgs(root)
	return root
}

// wrapArgs makes a wrong number of arguments a usage error everywhere.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return &UsageError{fmt.Errorf("%w\n%s", err, c.UseLine())}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

// group is a command that only holds others.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return &UsageError{fmt.Errorf("%s needs a subcommand; see doorito %s --help", use, use)}
	}}
	c.AddCommand(subs...)
	return c
}

// withCore opens the core around a command.
func (p *Program) withCore(run func(c *cobra.Command, core *Core, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		core, err := p.Open(c.Context())
		if err != nil {
			return err
		}
		defer core.Close()
		return run(c, core, args)
	}
}

func (p *Program) version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		_, err := fmt.Fprintln(p.Stdout, p.Version)
		return err
	}}
}

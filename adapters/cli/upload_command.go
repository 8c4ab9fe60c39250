package cli

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"doorito/adapters/cli/upload"
)

const uploadHelp = `Upload files and folders to a portal, several at once.

A folder's files keep where they lay. More than one file, or --batch, makes a
batch; it is finalised when every file is there.

Whatever ended it, the same command goes on where it stopped: parts and files
that are there are not sent again. It knows them by this host's name and the
files' paths, sizes and times of modification, as long as the portal keeps
unfinished uploads (24 hours, unless set otherwise). A command that was finished
sends only what is new or changed, as another batch; --run NAME, such as
--run $(date +%F), sends everything anew.

Standard output has a line for each file, SHA-256 and path, as sha256sum writes
them. Exit codes: 0 every file is there, 1 some are not (standard error lists
them), 2 wrong usage, 130 stopped.`

func (p *Program) upload() *cobra.Command {
	o := upload.Options{}
	var tokenFile string
	c := &cobra.Command{
		Use: "upload FILE…", Short: "Upload files and folders to a portal; the same command resumes", Long: uploadHelp, Args: cobra.ArbitraryArgs,
		Example: "  doorito upload --url https://files.example.com --token-file ~/.doorito report.pdf photos/\n  tar c . | doorito upload - --name backup.tar",
	}
	f := c.Flags()
	f.StringVar(&o.URL, "url", "", "address of the portal; DOORITO_URL when left out")
	f.StringVar(&o.Token, "token", "", "API token with the scopes upload and read; DOORITO_TOKEN when left out")
	f.StringVar(&tokenFile, "token-file", "", "file with the token in it")
	f.StringVar(&o.Batch, "batch", "", "label of the batch; made of the names when left out")
	f.StringVar(&o.Run, "run", "", "name of this run, in place of the host's: the same name resumes, another sends anew")
	f.StringVar(&o.Name, "name", "", "name of the file that comes on standard input (FILE is -)")
	f.IntVar(&o.Parallel, "parallel", upload.DefaultParallel, "connections that send at once")
	f.DurationVar(&o.RetryFor, "retry-for", upload.DefaultRetryFor, "how long to go on trying while the portal does not answer")
	f.BoolVar(&o.SHA256, "sha256", false, "hash the files here as well; the portal refuses what arrives with another hash")
	f.BoolVar(&o.SkipHidden, "skip-hidden", false, "leave out what begins with a dot inside folders")
	f.BoolVar(&o.Follow, "follow-links", false, "follow symbolic links inside folders")
	f.BoolVar(&o.JSON, "json", false, "print a line of JSON for each file, and one with the sums")
	f.BoolVarP(&o.Quiet, "quiet", "q", false, "no progress and no summary; failures are told")
	c.RunE = func(c *cobra.Command, args []string) error {
		o.Paths = args
		if err := p.uploadSource(&o, tokenFile); err != nil {
			return err
		}
		err := upload.Run(c.Context(), o)
		var wrong *upload.InputError
		var none *upload.NoSuchFileError
		switch {
		case errors.As(err, &wrong), errors.As(err, &none):
			return &UsageError{err}
		case errors.Is(err, upload.ErrStopped):
			return exitCode(130)
		case err != nil:
			return exitCode(1)
		}
		return nil
	}
	return c
}

// uploadSource completes the options from the environment and this machine.
func (p *Program) uploadSource(o *upload.Options, tokenFile string) error {
	if o.URL == "" {
		o.URL = p.Getenv("DOORITO_URL")
	}
	if tokenFile != "" && o.Token != "" {
		return &UsageError{errors.New("--token and --token-file are two places for one token; give one of them")}
	}
	if tokenFile != "" {
		b, err := os.ReadFile(tokenFile)
		if err != nil {
			return &UsageError{fmt.Errorf("the token cannot be read: %w", err)}
		}
		o.Token = strings.TrimSpace(string(b))
	}
	if o.Token == "" {
		o.Token = p.Getenv("DOORITO_TOKEN")
	}
	var err error
	if o.Host, err = os.Hostname(); err != nil && o.Run == "" {
		return fmt.Errorf("this host has no name to resume by; give the run one with --run: %w", err)
	}
	o.Stdin, o.Stdout, o.Stderr = p.Stdin, p.Stdout, p.Stderr
	o.Clock, o.Random, o.Version = p.Clock, rand.Float64, p.Version
	if f, ok := p.Stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		o.Width = func() int {
			w, _, err := term.GetSize(int(f.Fd()))
			if err != nil || w < 1 {
				return 80
			}
			return w
		}
	}
	return nil
}

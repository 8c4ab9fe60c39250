package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"time"

	"doorito/ports"
)

// Options say what to send, where to and how.
type Options struct {
	URL, Token string
	Paths      []string // files and folders, or "-" alone for standard input
	Name       string   // of standard input
	Batch      string   // label; "" for none when one file is sent, else one made of Paths
	Run        string   // stands for the host's name in what is resumed
	Host       string
	Parallel   int           // connections
	RetryFor   time.Duration // how long a portal that does not answer is waited for
	SHA256     bool          // hash here, declare it, compare
	SkipHidden bool
	Follow     bool // symbolic links inside folders
	JSON       bool
	Quiet      bool // neither progress nor summary

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Width          func() int // of the terminal that Stderr is; nil for none
	Clock          ports.Clock
	Random         func() float64 // from 0 to 1
	Version        string
}

// Limits of Options.
const (
	MaxParallel     = 32
	DefaultParallel = 4
	DefaultRetryFor = 5 * time.Minute
)

// ErrFailed tells that a file, or all, could not be sent; it was reported.
var ErrFailed = errors.New("upload failed")

// ErrStopped tells that the context ended the run; it was reported.
var ErrStopped = errors.New("upload stopped")

// InputError is a wrong option.
type InputError struct{ Message string }

func (e *InputError) Error() string { return e.Message }

// run is one upload.
type run struct {
	*Options
	client   *client
	show     *display
	slots    chan struct{}
	items    []*item
	found    int // files that were named, those that cannot be read too
	batch    *batch
	batchKey string
	known    known
	tally    tally
	started  time.Time
}

// outcome is a file that is at the portal.
type outcome struct {
	file  *File
	there bool // before this run
	idle  bool // nothing of it was sent in this run
}

// Run sends what the options name, and reports each file and what became of
// all. Errors: InputError and NoSuchFileError before anything was sent;
// ErrFailed and ErrStopped afterwards.
func Run(ctx context.Context, o Options) error {
	base, err := o.check()
	if err != nil {
		return err
	}
	r := &run{
		Options: &o, client: newClient(base, &o), slots: make(chan struct{}, o.Parallel), known: known{map[string][]*File{}},
		show: &display{out: o.Stderr, width: o.Width, quiet: o.Quiet, clock: o.Clock}, started: o.Clock.Now(),
	}
	r.client.trouble = r.show.trouble
	if err := r.gather(); err != nil {
		return err
	}
	stop := r.show.start(r.items)
	err = r.all(ctx)
	stop()
	return r.finish(ctx, err)
}

func (o *Options) check() (*url.URL, error) {
	switch base, err := url.Parse(o.URL); {
	case o.URL == "":
		return nil, &InputError{"upload needs --url URL (or DOORITO_URL), the address of the portal"}
	case o.Token == "":
		return nil, &InputError{"upload needs a token: --token-file FILE, --token TOKEN or DOORITO_TOKEN; doorito token create makes one"}
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || base.User != nil || base.RawQuery != "":
		return nil, &InputError{fmt.Sprintf("--url is http://HOST or https://HOST, not %q", o.URL)}
	case strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, &InputError{"the token has a character that no token has; copy it again"}
	case o.Parallel < 1 || o.Parallel > MaxParallel:
		return nil, &InputError{fmt.Sprintf("--parallel is a number from 1 to %d, not %d", MaxParallel, o.Parallel)}
	case o.RetryFor < 0:
		return nil, &InputError{"--retry-for is a time such as 5m, or 0 to try once"}
	case len(o.Paths) == 0:
		return nil, &InputError{"name the files and folders to upload"}
	case o.fromStdin() && o.Name == "":
		return nil, &InputError{"standard input has no name; give it one with --name NAME"}
	case !o.fromStdin() && o.Name != "":
		return nil, &InputError{"--name is for standard input; files keep their names"}
	default:
		return base, nil
	}
}

func (o *Options) fromStdin() bool { return len(o.Paths) == 1 && o.Paths[0] == "-" }

// seed is who uploads, in keys.
func (o *Options) seed() string {
	if o.Run != "" {
		return "run " + o.Run
	}
	return "host " + o.Host
}

// gather finds the files.
func (r *run) gather() error {
	if r.fromStdin() {
		r.items, r.found = []*item{{shown: r.Name, name: r.Name, size: -1}}, 1
		return nil
	}
	w := &walker{hidden: !r.SkipHidden, links: r.Follow}
	if err := w.walk(r.Paths); err != nil {
		return err
	}
	r.items, r.found = w.items, len(w.items)+len(w.failed)
	r.tally.skippedLinks = w.skipped
	for i, it := range r.items {
		it.at = i
	}
	for _, f := range w.failed {
		r.reportUnsent(f)
	}
	return nil
}

// all sends everything.
func (r *run) all(ctx context.Context) error {
	if len(r.items) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := r.client.me(ctx); err != nil {
		return err
	}
	if r.Batch != "" || len(r.items) > 1 {
		if err := r.openBatch(ctx); err != nil {
			return err
		}
	}
	r.each(ctx, r.items, func(ctx context.Context, it *item) {
		out, err := r.send(ctx, it)
		var end endOfRun
		if errors.As(err, &end) {
			cancel(err)
		}
		if ctx.Err() == nil || err == nil {
			r.report(it, out, err)
		}
	})
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return r.seal(ctx)
}

// each calls do for every item, some side by side, until ctx ends.
func (r *run) each(ctx context.Context, items []*item, do func(context.Context, *item)) {
	todo := make(chan *item)
	var wg sync.WaitGroup
	for range min(r.Parallel, len(items)) {
		wg.Go(func() {
			for it := range todo {
				do(ctx, it)
			}
		})
	}
	for _, it := range items {
		if ctx.Err() != nil {
			break
		}
		select {
		case todo <- it:
		case <-ctx.Done():
		}
	}
	close(todo)
	wg.Wait()
}

func (r *run) send(ctx context.Context, it *item) (outcome, error) {
	line := r.show.begin(it)
	defer r.show.end(line)
	switch {
	case it.size < 0:
		return r.sendStream(ctx, it, line)
	case it.size <= smallest:
		return r.sendSmall(ctx, it, line)
	}
	return r.sendLarge(ctx, it, line)
}

// acquire waits for a connection that may carry a body.
func (r *run) acquire(ctx context.Context) error {
	select {
	case r.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (r *run) release() { <-r.slots }

func (r *run) batchID() string {
	if r.batch == nil {
		return ""
	}
	return r.batch.ID
}

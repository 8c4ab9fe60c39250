package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// benchmark is one case; run adds figures to the table.
type benchmark struct {
	name, about string
	run         func(ctx context.Context, b *bench, t *table) error
}

var benchmarks = []benchmark{
	{"upload-disk", "One upload of 1 GB to disk, hashed and synced", uploadDisk},
	{"rss", "Peak memory of the server process (VmHWM)", peakMemory},
	{"event-latency", "Event committed → request at the receiver, 10 a second", eventLatency},
	{"startup", "Start of the program → /readyz answers 200, embedded", startup},
	{"small-files", "1,000 files of 10 KB, 8 at a time", smallFiles},
	{"tus-disk", "tus PATCH to disk, beside tusd", tusDisk},
	{"tus-small", "1,000 files of 10 KB by tus, 8 at a time, beside tusd", tusSmall},
	{"page-batch", "1,000 files of 10 KB dropped on the page as one batch, in Chromium", pageBatch},
	{"parts", "1 GB in parts of 8 MiB on 4 connections, beside one request", inParts},
	{"s3", "512 MiB through the portal to S3, hashed, beside the S3 server alone", toS3},
	{"rss-s3", "Peak memory of the server with 64 uploads at once to S3", manyToS3},
	{"drain", "20,000 events to 8 endpoints on loopback, PostgreSQL + Redis", drain},
	{"commit-latency", "Commit of an event → first byte at the receiver, at 10, 100 and 500 a second", commitLatency},
	{"hanging", "One of ten endpoints hangs: what the other nine feel", hanging},
	{"table-growth", "The same backlog on empty tables, and beside a million rows and a long transaction", tableGrowth},
	{"million", "Every list, filter, search and dashboard with 1,000,000 files and 3,000,000 deliveries on PostgreSQL", aMillion},
	{"lighthouse", "Scores of Lighthouse on sign-in, upload, files and endpoint page", lighthouse},
	{"archive", "A batch of 10,000 files as one ZIP, beside a download of as many bytes", asArchive},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, progress io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(progress)
	asJSON := flags.Bool("json", false, "print JSON")
	rounds := flags.Int("rounds", 5, "how often each side is measured, at least 3")
	only := flags.String("only", "", "of the pages of million, those whose path contains this, such as /app/files/")
	bin := flags.String("bin", "", "the program; bin/doorito, built when absent")
	flags.Usage = func() { usage(flags) }
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	chosen, err := choose(flags.Args())
	if err == nil && *rounds < 3 {
		err = fmt.Errorf("--rounds %d is too few for a median, use 3 or more", *rounds)
	}
	if err != nil {
		fmt.Fprintln(progress, "bench:", err)
		return 2
	}
	b, err := newBench(ctx, *bin, *rounds, progress)
	if err != nil {
		fmt.Fprintln(progress, "bench:", err)
		return 1
	}
	defer b.remove()
	b.only = *only
	return b.runAll(ctx, chosen, *asJSON, out)
}

// runAll measures and prints case by case; what was interrupted is not printed.
func (b *bench) runAll(ctx context.Context, chosen []benchmark, asJSON bool, out io.Writer) int {
	code := 0
	var tables []*table
	for _, c := range chosen {
		t := &table{Case: c.name, About: c.about}
		b.progress("%s …", c.name)
		if err := c.run(ctx, b, t); err != nil {
			t.Error, code = err.Error(), 1
		}
		if ctx.Err() != nil {
			b.progress("interrupted")
			return 1
		}
		tables = append(tables, t)
		if !asJSON {
			t.print(out)
		}
	}
	if asJSON {
		if err := printJSON(out, tables); err != nil {
			return 1
		}
		return code
	}
	summary(out, tables)
	return code
}

// choose finds cases by name; none means all.
func choose(names []string) ([]benchmark, error) {
	if len(names) == 0 {
		return benchmarks, nil
	}
	var chosen []benchmark
	for _, name := range names {
		found := false
		for _, c := range benchmarks {
			if c.name == name {
				chosen, found = append(chosen, c), true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no case %q; there are %s", name, strings.Join(caseNames(), ", "))
		}
	}
	return chosen, nil
}

func caseNames() []string {
	var names []string
	for _, c := range benchmarks {
		names = append(names, c.name)
	}
	return names
}

func usage(flags *flag.FlagSet) {
	fmt.Fprintln(flags.Output(), "usage: go run ./e2e/bench [flags] [case…]")
	flags.PrintDefaults()
	for _, c := range benchmarks {
		fmt.Fprintf(flags.Output(), "  %-14s %s\n", c.name, c.about)
	}
}

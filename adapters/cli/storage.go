package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"doorito/domain"
)

func (p *Program) storage() *cobra.Command {
	return group("storage", "Compare storage and database", p.storageCheck())
}

// storageJSON is a report as programs read it.
type storageJSON struct {
	StartedAt time.Time                            `json:"started_at"`
	EndedAt   time.Time                            `json:"ended_at"`
	Files     int                                  `json:"files"`
	Things    int                                  `json:"things"`
	Repaired  int                                  `json:"repaired"`
	Left      int                                  `json:"left"`
	Faults    map[domain.StorageFault]faultsOfJSON `json:"faults"`
}

type faultsOfJSON struct {
	Count int         `json:"count"`
	First []faultJSON `json:"first"`
}

type faultJSON struct {
	Key    string     `json:"key"`
	FileID *uuid.UUID `json:"file_id"`
	Note   string     `json:"note"`
}

var faultWords = map[domain.StorageFault]string{
	domain.FaultMissing: "files whose bytes are missing",
	domain.FaultSize:    "files of a wrong size; read them back, or delete them",
	domain.FaultOrphan:  "blobs that no row names",
	domain.FaultPieces:  "leftovers of uploads",
}

func (p *Program) storageCheck() *cobra.Command {
	var repair, asJSON bool
	c := &cobra.Command{Use: "check", Short: "Look for bytes without a row and rows without bytes; exit code 1 when something is wrong", Args: cobra.NoArgs}
	c.Flags().BoolVar(&repair, "repair", false, "remove what no row names, mark files whose bytes are missing as failed; without it nothing is changed")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, _ []string) error {
		r, err := core.Storage.CheckStorage(c.Context(), domain.System(), repair)
		if r != nil && !r.EndedAt.IsZero() {
			if err := p.printStorage(r, asJSON); err != nil {
				return err
			}
		}
		if err == nil && r.Left() > 0 {
			return exitCode(1)
		}
		return err
	})
	return c
}

func (p *Program) printStorage(r *domain.StorageReport, asJSON bool) error {
	if asJSON {
		out := storageJSON{r.StartedAt, r.EndedAt, r.Files, r.Things, r.Repaired, r.Left(), map[domain.StorageFault]faultsOfJSON{}}
		for _, kind := range domain.StorageFaults {
			f := faultsOfJSON{r.Faults[kind].Count, []faultJSON{}}
			for _, e := range r.Faults[kind].First {
				line := faultJSON{Key: e.Key, Note: e.Note}
				if e.FileID != uuid.Nil {
					line.FileID = &e.FileID
				}
				f.First = append(f.First, line)
			}
			out.Faults[kind] = f
		}
		return json.NewEncoder(p.Stdout).Encode(out)
	}
	fmt.Fprintf(p.Stdout, "looked at %d files and %d things in the storage\n", r.Files, r.Things)
	for _, kind := range domain.StorageFaults {
		f := r.Faults[kind]
		if f.Count == 0 {
			continue
		}
		fmt.Fprintf(p.Stdout, "%d %s\n", f.Count, faultWords[kind])
		for _, e := range f.First {
			fmt.Fprintln(p.Stdout, strings.TrimRight(fmt.Sprintf("  %s  %s", e.Key, e.Note), " "))
		}
		if more := f.Count - len(f.First); more > 0 {
			fmt.Fprintf(p.Stdout, "  and %d more\n", more)
		}
	}
	switch {
	case r.Total() == 0:
		fmt.Fprintln(p.Stdout, "all is well")
	case r.Repaired > 0:
		fmt.Fprintf(p.Stdout, "repaired %d, left %d\n", r.Repaired, r.Left())
	default:
		fmt.Fprintln(p.Stderr, "nothing was changed; --repair removes what no row names and marks what is missing")
	}
	return nil
}

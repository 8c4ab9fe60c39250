package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

// TestImportsFollowTheHouse checks design.md's table of imports.
func TestImportsFollowTheHouse(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		place := strings.TrimPrefix(p.ImportPath, "doorito/")
		for _, imp := range p.Imports {
			if why := forbidden(place, imp); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imp, why)
			}
		}
	}
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Standard", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var ps []listed
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return ps
		} else if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
}

// forbidden says which rule the import breaks, "" for none.
func forbidden(place, imp string) string {
	ours, isOurs := strings.CutPrefix(imp, "doorito/")
	std := !isOurs && !strings.Contains(strings.SplitN(imp, "/", 2)[0], ".")
	layer, rest, _ := strings.Cut(place, "/")
	switch layer {
	case "domain":
		if !std && imp != "github.com/google/uuid" {
			return "domain knows the standard library and google/uuid only"
		}
	case "ports":
		inPorts := ours == "domain" || strings.HasPrefix(ours, "ports")
		if isOurs && !inPorts {
			return "ports know domain only"
		}
		if !isOurs && !std && imp != "github.com/google/uuid" {
			return "ports know plain types only"
		}
	case "app":
		if isOurs && ours != "domain" && !strings.HasPrefix(ours, "ports") && !strings.HasPrefix(ours, "app") {
			return "app knows domain and ports"
		}
		if !isOurs && !std && imp != "github.com/google/uuid" {
			return "app has no library but google/uuid"
		}
	case "adapters":
		name, _, _ := strings.Cut(rest, "/")
		if strings.HasPrefix(ours, "app") {
			return "an adapter never imports app"
		}
		other, isAdapter := strings.CutPrefix(ours, "adapters/")
		other, _, _ = strings.Cut(other, "/")
		shared := other == "fiberx" && (name == "web" || name == "api")
		if isOurs && isAdapter && other != name && !shared {
			return "adapters do not know each other (web and api may use fiberx)"
		}
	}
	return ""
}

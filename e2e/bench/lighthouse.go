package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"doorito/e2e/portal"
	"doorito/e2e/services"
)

// lighthousePage is a page with what the project wants of its scores.
type lighthousePage struct {
	name, path string
	visitor    bool // nobody is signed in
}

// lighthouseWants are the categories, and the least score of 100.
var lighthouseWants = []struct {
	category string
	least    float64
}{{"performance", 95}, {"accessibility", 100}, {"best-practices", 100}}

// lighthouseFiles is how many files the portal has: more than one page of a list.
const lighthouseFiles = 60

// lighthouse asks Lighthouse, with its defaults (a slow telephone), about the
// pages that people see most.
func lighthouse(ctx context.Context, b *bench, t *table) error {
	bin, err := b.installLighthouse(ctx)
	if err != nil {
		return err
	}
	dir, err := b.folder("lighthouse")
	if err != nil {
		return err
	}
	p, err := b.start(ctx, dir, "serve")
	if err != nil {
		return err
	}
	defer p.Kill()
	receiver := receive(func(arrival) {})
	defer receiver.Close()
	out, err := p.CLI(ctx, "endpoint", "create", "--url", receiver.URL, "--events", "file.stored")
	if err != nil {
		return err
	}
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		return err
	}
	var cookies []string
	err = inSteps(ctx, func(tb testing.TB) {
		admin := p.Admin(tb)
		for i := range lighthouseFiles {
			admin.Upload(tb, fmt.Sprintf("report-%02d.csv", i), block()[:smallSize])
		}
		at, err := url.Parse(p.URL)
		if err != nil {
			tb.Fatal(err)
		}
		for _, c := range p.SignIn(tb, portal.AdminEmail, portal.AdminPassword).HTTP.Jar.Cookies(at) {
			cookies = append(cookies, c.Name+"="+c.Value)
		}
	})
	if err != nil {
		return err
	}
	for _, page := range []lighthousePage{
		{"sign-in", "/login", true},
		{"upload", "/app/upload/", false},
		{"files", "/app/files/", false},
		{"endpoint", "/app/endpoints/" + made.ID + "/", false},
	} {
		headers := map[string]string{}
		if !page.visitor {
			headers["Cookie"] = strings.Join(cookies, "; ")
		}
		scores := make(map[string][]float64)
		for range b.rounds {
			got, err := lighthouseScores(ctx, bin, p.URL+page.path, headers)
			if err != nil {
				return fmt.Errorf("%s: %w", page.name, err)
			}
			for category, score := range got {
				scores[category] = append(scores[category], score)
			}
		}
		b.progress("%s: performance %.0f", page.name, scores["performance"])
		for _, want := range lighthouseWants {
			t.add(page.name+", "+want.category, median(scores[want.category]), "of 100").wantAtLeast(want.least)
		}
	}
	t.note("medians of %d rounds; Lighthouse's defaults (a mid-range telephone, simulated: slow 4G, processor at a fourth); embedded, %s.", b.rounds, cpus())
	return nil
}

// installLighthouse installs the locked version beside its lock, once.
func (b *bench) installLighthouse(ctx context.Context) (string, error) {
	root, err := services.RepoRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "e2e", "bench", "lighthouse")
	bin := filepath.Join(dir, "node_modules", ".bin", "lighthouse")
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	b.progress("installing Lighthouse, once")
	c := exec.CommandContext(ctx, "npm", "ci", "--no-fund", "--no-audit", "--ignore-scripts")
	c.Dir, c.Stdout, c.Stderr = dir, b.out, b.out
	return bin, c.Run()
}

// lighthouseScores are a page's scores of 100, by category.
func lighthouseScores(ctx context.Context, bin, url string, headers map[string]string) (map[string]float64, error) {
	chromium, err := services.FindChromium()
	if err != nil {
		return nil, err
	}
	extra, err := json.Marshal(headers)
	if err != nil {
		return nil, err
	}
	only := make([]string, len(lighthouseWants))
	for i, want := range lighthouseWants {
		only[i] = want.category
	}
	// Chromium's sandbox refuses root; it opens nothing but our own pages.
	c := exec.CommandContext(ctx, bin, url, "--quiet", "--output=json", "--only-categories="+strings.Join(only, ","),
		"--chrome-flags=--headless=new --no-sandbox", "--extra-headers="+string(extra))
	c.Env = append(os.Environ(), "CHROME_PATH="+chromium)
	out, err := c.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil, fmt.Errorf("lighthouse: %w: %s", err, exit.Stderr)
	}
	if err != nil {
		return nil, err
	}
	var report struct {
		FinalDisplayedURL string `json:"finalDisplayedUrl"`
		Categories        map[string]struct{ Score float64 }
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return nil, err
	}
	if report.FinalDisplayedURL != url {
		return nil, fmt.Errorf("lighthouse looked at %s", report.FinalDisplayedURL)
	}
	scores := make(map[string]float64)
	for name, c := range report.Categories {
		scores[name] = 100 * c.Score
	}
	return scores, nil
}

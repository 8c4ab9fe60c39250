package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
	"doorito/e2e/services"
)

// wantPageRate is what the project wants of the page, in files a second.
const wantPageRate = 100

// pageBatch drops a folder on the upload page of a real Chromium, as one batch,
// and takes the time from the drop until the page says that all are here: what a
// person waits.
func pageBatch(ctx context.Context, b *bench, t *table) error {
	stack, err := b.services(ctx, services.WantPostgres, services.WantRedis)
	if err != nil {
		return err
	}
	defer stack.Stop()
	for _, on := range []struct {
		name string
		env  []string
	}{
		{"PostgreSQL + Redis", []string{"DATABASE_URL=" + stack.Postgres.URL, "REDIS_URL=" + stack.Redis.URL}},
		{"embedded", nil},
	} {
		rates, err := pageBatchOn(ctx, b, on.env...)
		if err != nil {
			return fmt.Errorf("%s: %w", on.name, err)
		}
		t.add(on.name, median(rates), "files/s").wantAtLeast(wantPageRate)
	}
	t.note("medians of %d rounds, %d files of %d KB in one drop, up to fifty a request and two requests at once, each file hashed in the browser too; Chromium shares %s.", b.rounds, smallCount, smallSize/1000, cpus())
	return nil
}

func pageBatchOn(ctx context.Context, b *bench, env ...string) ([]float64, error) {
	dir, err := b.folder("page")
	if err != nil {
		return nil, err
	}
	p, err := b.start(ctx, dir, "serve", env...)
	if err != nil {
		return nil, err
	}
	defer p.Kill()
	folder := filepath.Join(dir, "drop")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, err
	}
	for i := range smallCount {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%04d.bin", i)), block()[:smallSize], 0o644); err != nil {
			return nil, err
		}
	}
	var rates []float64
	err = inSteps(ctx, func(tb testing.TB) {
		w := browser.Start(tb).Visit(tb, p.URL)
		at, err := url.Parse(p.URL)
		if err != nil {
			tb.Fatal(err)
		}
		w.Cookies(p.SignIn(tb, portal.AdminEmail, portal.AdminPassword).HTTP.Jar.Cookies(at))
		for range b.rounds {
			rates = append(rates, dropped(w, folder))
		}
	})
	if err != nil {
		return nil, err
	}
	b.progress("files/s from the page %.0f", rates)
	return rates, nil
}

// dropped drops the folder and returns files a second.
func dropped(w *browser.Page, folder string) float64 {
	w.Go("/app/upload/")
	w.Until("the page takes files", `document.querySelector("[data-upload][data-ready]")`)
	w.Value(`window.addEventListener("drop", () => { window.began = performance.now(); }, true)`, nil)
	w.Value(`new MutationObserver(() => {
		if (document.getElementById("now").textContent.endsWith("files are here")) window.ended ??= performance.now();
	}).observe(document.querySelector("[data-u=title]"), { childList: true, characterData: true, subtree: true })`, nil)
	w.Drop("main", folder)
	w.Until("all are here", "window.ended")
	var took float64
	w.Value("window.ended - window.began", &took)
	return smallCount / (took / 1000)
}

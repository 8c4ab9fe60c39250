package worker

import (
	"bytes"
	"html"
	"net/http"
	"regexp"
	"strings"
)

// outsideLink finds the fonts from another host and the manifest, which the
// dashboard answers with its page.
var outsideLink = regexp.MustCompile(`<link[^>]+(?:href="https?://|rel="manifest")[^>]*>`)

// rewritePage drops the fonts from another host and adds our stylesheet and the
// way back, outside the element that the dashboard's script fills.
func rewritePage(page []byte, root, back string) []byte {
	page = outsideLink.ReplaceAll(page, nil)
	page = bytes.Replace(page, []byte("</head>"), []byte(`<link rel="stylesheet" href="`+html.EscapeString(root)+`/doorito.css"/></head>`), 1)
	page = bytes.Replace(page, []byte("<title>Asynq - Monitoring</title>"), []byte("<title>Jobs · Doorito</title>"), 1)
	return bytes.Replace(page, []byte(`<div id="root">`), []byte(`<a id="doorito-back" href="`+html.EscapeString(back)+`">← Back to Doorito</a><div id="root">`), 1)
}

// captureIndex asks the dashboard for its page.
func captureIndex(console http.Handler, root string) []byte {
	r, err := http.NewRequest(http.MethodGet, root+"/", nil)
	if err != nil {
		panic("worker: the dashboard's path is no path: " + root)
	}
	w := &pageWriter{header: http.Header{}}
	console.ServeHTTP(w, r)
	return w.body.Bytes()
}

type pageWriter struct {
	header http.Header
	body   bytes.Buffer
}

func (w *pageWriter) Header() http.Header         { return w.header }
func (w *pageWriter) Write(b []byte) (int, error) { return w.body.Write(b) }
func (w *pageWriter) WriteHeader(int)             {}

// assetWriter replaces the dashboard's page by ours, whatever path it is served
// under, and names content types that the dashboard guesses wrong.
type assetWriter struct {
	http.ResponseWriter
	path  string
	page  []byte
	begun bool
	ours  bool
}

func (w *assetWriter) Write(b []byte) (int, error) {
	if !w.begun {
		w.begun = true
		w.ours = bytes.HasPrefix(b, []byte("<!doctype html>"))
		w.setType()
		if w.ours {
			if _, err := w.ResponseWriter.Write(w.page); err != nil {
				return 0, err
			}
		}
	}
	if w.ours {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

func (w *assetWriter) setType() {
	switch {
	case w.ours:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	case strings.HasSuffix(w.path, ".svg"):
		w.Header().Set("Content-Type", "image/svg+xml")
	case strings.HasSuffix(w.path, "manifest.json"):
		w.Header().Set("Content-Type", "application/manifest+json")
	}
}

// Package web is the pages that people see: Fiber handlers, each of them parse,
// call a use case, fill a page struct, render, return the error.
//
//	Register ── routes ──> handler ──> usecase
//	                          │
//	                          └── page struct (embeds Page) ──> Views ── layout
//
// Lists are declared, not written: see package list and the files named
// *_list.go. What is live (the dashboard, a delivery that waits, a batch that
// fills) is a part with an id that asks for itself again by HTMX while there
// is something to wait for, and stops asking when it has settled; the server
// leaves the hx-trigger out then. Everything works without script as plain
// links and forms.
//
// # Who may
//
// Everything under /app/ needs a browser session (fiberx.RequireSignIn) and,
// to change something, its CSRF token (fiberx.CSRF). The login form has no
// session yet: there fiberx.CSRF checks Sec-Fetch-Site and Origin alone, which
// is what stops another site from signing a visitor in as somebody else.
// Webhook pages need an admin (fiberx.RequireAdmin); the use cases decide
// again.
//
// # No script, no style in pages
//
// The Content-Security-Policy forbids inline script and style. Charts are SVG
// whose geometry stands in attributes (chart_*.go), colours come from classes.
package web

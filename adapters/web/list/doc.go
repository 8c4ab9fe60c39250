// Package list is the one engine behind every list of the product. A list is
// declared once as a Resource: columns, filters, search, bulk actions, what to
// say when it is empty. The engine does the rest:
//
//	address ── ParseState ──> State ── Query ──> ports.ListQuery ── Source ──> rows
//	   ^                        │                                              │
//	   └──── links of menus, chips and pages <──────── View <── cells of columns
//
// All state of a list is in its address, so that a page can be kept, sent and
// reloaded; it works as plain links and forms, HTMX only replaces less of the
// page. The address knows:
//
//	q               words to search for
//	<filter>        one accepted value each time it is given
//	from, to        days (2026-11-23) or moments (RFC 3339); `to` is exclusive,
//	                a day is meant whole
//	after, before   a row's place, "<microseconds>-<uuid>": older or newer than it
//	limit           rows on a page
//
// Anything else is Invalid and says what is wrong, so that a mistyped filter
// never shows more than was asked for.
//
// A column says what a cell holds (Cell), not how it looks; the template
// partials/list_cell draws it. A resource that needs another look adds a kind
// there, not markup in Go.
package list

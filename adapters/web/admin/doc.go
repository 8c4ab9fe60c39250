// Package admin makes pages out of declarations. A Resource is a list (package
// list) whose rows have pages; it is declared once and gets
//
//	/admin/things/               list: search, filters with counts, dates, bulk actions
//	/admin/things/export.csv     the filtered list, streamed; export.json too
//	/admin/things/add/           the form, empty
//	/admin/things/ID/            the form, filled; what is read only; what belongs to it
//	/admin/things/ID/history/    who did what to it, with before and after
//	/admin/things/ID/delete/     what goes, what stays, and the question
//	/admin/things/ID/do/NAME     an action on this one
//
// from the handlers in package web (admin_*.go) and the templates
// pages/admin_*.html. What a resource leaves out (Form, Add, Delete, Actions)
// has no page and no button. The list's state travels along in `list`, so that
// a saved form leads back to the page of the list it was opened from.
//
// Nothing here decides who may: every function of a declaration calls a use
// case with the actor, and the use case does.
package admin

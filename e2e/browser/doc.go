// Package browser drives the portal's pages in a real Chromium, the way a
// person does: mouse, keys, drops, the clipboard, a network that breaks.
//
//	chromium := browser.Start(t)                 // one process for a whole test and its subtests
//	p := chromium.Visit(t, portal.URL)           // a visitor of its own: cookies, cache, window
//	p.Go("/login")
//	p.Fill("Email", "ana@example.com")           // by what the label says
//	p.Click("button", "Sign in")                 // by selector and what it says
//	p.See("h1", "Today")
//	p.Drop("main", path, path)                   // a real drop from outside the window
//
// Every step waits for what it needs and fails the test after Patience, with
// the address, what was looked for, and a picture of the page whose path is in
// the log. Nothing sleeps for a fixed time. When the visit ends, anything the
// browser complained about (errors in the console, exceptions, breaches of the
// content security policy, failed requests) fails the test too; what a test
// provokes it announces with Forgive.
//
// Axe runs axe-core on the page as it stands; Overflow names what is wider than
// the window. With DOORITO_SCREENS=FOLDER set, Picture keeps the pages it is
// asked to keep, to be looked at.
package browser

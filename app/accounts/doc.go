// Package accounts signs people and programs in and keeps their accounts.
//
// A browser session is 256 random bits in a cookie; the database has only its
// hash. Signing in always makes a new session and revokes the one that came
// along. Failed tries fill leaky buckets (signin_throttle.go), which drain by
// themselves, so nobody is locked out for good.
//
// A token is kept as a hash too and shown once. What it may do is decided with
// every request from its scopes and from what its user is then, so a demotion
// takes effect at once. People manage their own tokens, admins everybody's, and
// tokens none (tokens.go).
package accounts

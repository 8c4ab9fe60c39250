// Package accounts signs people and programs in and keeps their accounts.
//
// A browser session is 256 random bits in a cookie; the database has only its
// hash. Signing in always makes a new session and revokes the one that came
// along. Failed tries fill leaky buckets (signin_throttle.go), which drain by
// themselves, so nobody is locked out for good.
package accounts

// Package argon2 hashes passwords with Argon2id (RFC 9106) at the first setting
// that OWASP's Password Storage Cheat Sheet gives for it: 19 MiB, two passes,
// one lane. A hash is kept in the PHC string format, so each carries the
// parameters it was made with and later ones may differ:
//
//	$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>
//
// One hash costs 19 MiB and some 15 ms, so only a bounded number runs at once;
// the others wait their turn or leave when their context ends.
package argon2

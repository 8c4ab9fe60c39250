// Package totp makes and checks the codes of authenticator apps: RFC 6238 over
// RFC 4226 with what all of those apps read, which is SHA-1, six digits and
// steps of 30 seconds. The arithmetic is github.com/pquerna/otp's.
package totp

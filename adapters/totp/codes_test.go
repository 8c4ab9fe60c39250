package totp_test

import (
	"crypto/rand"
	"testing"

	"doorito/adapters/totp"
	"doorito/ports/portstest"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	portstest.OneTimeCodes(t, totp.NewCodes(rand.Reader))
}

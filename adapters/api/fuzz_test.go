package api

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"doorito/domain"
)

func FuzzPartNumber(f *testing.F) {
	for _, s := range []string{"1", "10000", "10001", "0", "-1", "+1", "01", "1e3", "0x1", "99999999999999999999", "", "1 ", "１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := parsePartNumber(s)
		if err != nil {
			if !domain.IsCode(err, domain.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if n < 1 || n > domain.MaxParts || strconv.Itoa(n) != s {
			t.Fatalf("%q is %d", s, n)
		}
	})
}

func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"bytes 0-6/7", "bytes 0-6/*", "BYTES 1-1/2", "bytes */7", "bytes 6-0/7", "bytes 0-7/7", "bytes=0-6/7", "bytes 0-99999999999999999999/*", "bytes -1-2/3", "rows 0-6/7", "", "bytes 0-6"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := parsePlace(s)
		if err != nil {
			if !domain.IsCode(err, domain.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if at.First < 0 || at.Last < at.First || at.Total != -1 && at.Total <= at.Last {
			t.Fatalf("%q is %+v", s, at)
		}
		whole := "*"
		if at.Total >= 0 {
			whole = strconv.FormatInt(at.Total, 10)
		}
		again, err := parsePlace(fmt.Sprintf("bytes %d-%d/%s", at.First, at.Last, whole))
		if err != nil || *again != *at {
			t.Fatalf("%q is %+v, and written again %+v: %v", s, at, again, err)
		}
	})
}

func FuzzContentDigest(f *testing.F) {
	const sum = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
	for _, s := range []string{"sha-256=:" + sum + ":", "sha-512=:AAAA:, sha-256=:" + sum + ":;a=1", "sha-256=:" + sum, "sha-256=" + sum, "md5=:AAAA:", "sha-256", "", "sha-256=:AAAA:", "sha-256=:" + sum + ":,sha-256=::"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := parseDigest("Content-Digest", s)
		if err != nil {
			if !domain.IsCode(err, domain.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if len(want) != 32 || !strings.Contains(s, "sha-256=:") {
			t.Fatalf("%q is %x", s, want)
		}
		again, err := parseDigest("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(want)+":")
		if err != nil || string(again) != string(want) {
			t.Fatalf("%q is %x, and written again %x: %v", s, want, again, err)
		}
	})
}

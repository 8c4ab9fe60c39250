package tus_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func sha1of(s string) string {
	sum := sha1.Sum([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func sha256of(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestChecksum(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		t.Run("Tus-Checksum-Algorithm MUST be in the OPTIONS response, with sha1", func(t *testing.T) {
			p.raw(t, "OPTIONS", "/files/", nil).want(t, 204, "Tus-Checksum-Algorithm: sha1,sha256")
		})
		at := p.create(t, "Upload-Length: 10")
		t.Run("MUST be verified", func(t *testing.T) {
			p.patch(t, at, "0", "hel", "Upload-Checksum: sha1 "+sha1of("hel")).want(t, 204, "Upload-Offset: 3")
			p.patch(t, at, "3", "lo", "Upload-Checksum: sha256 "+sha256of("lo")).want(t, 204, "Upload-Offset: 5")
		})
		t.Run("mismatching bytes MUST be discarded and the offset MUST NOT be updated", func(t *testing.T) {
			p.patch(t, at, "5", "world", "Upload-Checksum: sha1 "+sha1of("World")).want(t, 460, "Upload-Offset:")
			p.patch(t, at, "5", "world", "Upload-Checksum: sha256 "+sha256of("World")).want(t, 460)
			p.head(t, at).want(t, 200, "Upload-Offset: 5")
		})
		for name, bad := range map[string]string{
			"an unknown algorithm": "md5 " + sha1of("world"), "upper case": "SHA1 " + sha1of("world"), "no digest": "sha1", "not Base64": "sha1 xyz!", "of another length": "sha1 " + sha256of("world"),
			"hex": "sha1 7c211433f02071597741e6ff5a8ea34789abbf43", "two spaces": "sha1  " + sha1of("world"),
		} {
			t.Run("anything else is 400 and MUST NOT update the upload: "+name, func(t *testing.T) {
				at := p.create(t, "Upload-Length: 10")
				p.patch(t, at, "0", "world", "Upload-Checksum: "+bad).want(t, 400)
				p.head(t, at).want(t, 200, "Upload-Offset: 0")
			})
		}
	})
}

// trailed sends a PATCH in chunks with a trailer section.
func (p *portal) trailed(t *testing.T, path, announce, trailer string, more ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	head := fmt.Sprintf("PATCH %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\nTransfer-Encoding: chunked\r\n",
		path, adaToken)
	for _, h := range more {
		head += h + "\r\n"
	}
	if announce != "" {
		head += "Trailer: " + announce + "\r\n"
	}
	if _, err := io.WriteString(conn, head+"\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n"+trailer+"\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

func TestChecksumTrailer(t *testing.T) {
	conforms(t, func(t *testing.T, p *portal) {
		good := "Upload-Checksum: sha1 " + sha1of("hello") + "\r\n"
		for name, tc := range map[string]struct {
			announce, trailer, header string
			status                    string
			offset                    string
		}{
			"announced":            {"Upload-Checksum", good, "", "204", "5"},
			"in small letters":     {"x-other, upload-checksum", strings.ToLower(good[:15]) + good[15:], "", "204", "5"},
			"of sha256":            {"Upload-Checksum", "Upload-Checksum: sha256 " + sha256of("hello") + "\r\n", "", "204", "5"},
			"that does not match":  {"Upload-Checksum", "Upload-Checksum: sha1 " + sha1of("Hello") + "\r\n", "", "460", "0"},
			"that does not come":   {"Upload-Checksum", "", "", "400", "0"},
			"of what we have not":  {"Upload-Checksum", "Upload-Checksum: crc32 AAAAAA==\r\n", "", "400", "0"},
			"twice":                {"Upload-Checksum", good + good, "", "400", "0"},
			"beside a header":      {"Upload-Checksum", good, strings.TrimSpace(good), "400", "0"},
			"MUST be announced":    {"", "Upload-Checksum: sha1 " + sha1of("Hello") + "\r\n", "", "204", "5"},
			"of other fields":      {"X-Other", "X-Other: 1\r\nUpload-Offset: 99\r\nUpload-Length: 77\r\n", "", "204", "5"},
			"with forged requests": {"Upload-Checksum", good + "Tus-Resumable: 0\r\nX-HTTP-Method-Override: DELETE\r\n", "", "204", "5"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				at := p.create(t, "Upload-Length: 10")
				var more []string
				if tc.header != "" {
					more = append(more, tc.header)
				}
				if got := p.trailed(t, at, tc.announce, tc.trailer, more...); !strings.HasPrefix(got, "HTTP/1.1 "+tc.status) || strings.Count(got, "HTTP/1.1 ") != 1 {
					t.Errorf("got %q", got)
				}
				p.head(t, at).want(t, 200, "Upload-Offset: "+tc.offset)
			})
		}
		t.Run("only allowed in chunked transfers", func(t *testing.T) {
			t.Parallel()
			at := p.create(t, "Upload-Length: 10")
			conn, err := net.Dial("tcp", p.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\nTrailer: Upload-Checksum\r\nContent-Length: 5\r\n\r\nhello", at, adaToken); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(conn)
			if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 400") {
				t.Errorf("%v %q", err, got)
			}
			p.head(t, at).want(t, 200, "Upload-Offset: 0")
		})
	})
}

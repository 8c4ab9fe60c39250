package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"path"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
)

// staticPrefix is where static files are served.
const staticPrefix = "/static/"

// Cache times: an address with the right hash never changes its bytes.
const (
	cacheForever = "public, max-age=31536000, immutable"
	cacheShort   = "public, max-age=600"
)

// Static serves the built assets from memory, each under an address with the
// hash of its bytes.
type Static struct {
	files map[string]*asset
}

type asset struct {
	kind, etag, hash string
	body             []byte
	pack             sync.Once
	packed           []byte // gzip; nil when it does not get smaller
}

// NewStatic reads every file below files; sources (folders with a leading
// underscore) are left out.
func NewStatic(files fs.FS) (*Static, error) {
	s := &Static{files: map[string]*asset{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasPrefix(d.Name(), "_") {
				return fs.SkipDir
			}
			return nil
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		hash := hex.EncodeToString(sum[:8])
		s.files[name] = &asset{kind: kindOf(name), etag: `"` + hash + `"`, hash: hash, body: body}
		return nil
	})
	return s, err
}

// kindOf does not ask the machine's mime table, so that it is the same everywhere.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return fiber.MIMEOctetStream
}

// URL is the address of a file with its hash; of an unknown one without.
func (s *Static) URL(name string) string {
	if a, ok := s.files[name]; ok {
		return staticPrefix + name + "?v=" + a.hash
	}
	return staticPrefix + name
}

// serve answers GET /static/*.
func (s *Static) serve(c *fiber.Ctx) error {
	a, ok := s.files[utils.CopyString(c.Params("*"))]
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, cacheShort)
	if c.Query("v") == a.hash {
		c.Set(fiber.HeaderCacheControl, cacheForever)
	}
	c.Set(fiber.HeaderETag, a.etag)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if strings.Contains(c.Get(fiber.HeaderIfNoneMatch), a.etag) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, a.kind)
	if packed := a.gzip(); packed != nil && fiberx.AcceptsGzip(c.Get(fiber.HeaderAcceptEncoding)) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		c.Response().SetBodyRaw(packed)
		return nil
	}
	c.Response().SetBodyRaw(a.body)
	return nil
}

// gzip packs the file when it is first asked for.
func (a *asset) gzip() []byte {
	a.pack.Do(func() {
		if strings.HasPrefix(a.kind, "font/") || len(a.body) < 512 {
			return
		}
		var buf bytes.Buffer
		w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression)
		if _, err := w.Write(a.body); err != nil {
			return
		}
		if err := w.Close(); err == nil && buf.Len() < len(a.body) {
			a.packed = buf.Bytes()
		}
	})
	return a.packed
}

package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/app/archive"
	"doorito/domain"
	"doorito/ports"
)

// shelf has rows and bytes of any size, without keeping them: file i is zeros
// but for its number in front.
type shelf struct {
	ports.Blobs
	files  []*domain.File
	number map[uuid.UUID]int // of files, by id
	keys   map[string]*domain.File
	lost   map[string]error // keys that cannot be opened
	short  map[string]bool  // keys with a byte less
	long   map[string]bool
	gone   uuid.UUID    // a row that is deleted once the plan is made
	pages  atomic.Int64 // of rows that were read
	opens  atomic.Int64
	live   atomic.Int64 // blobs that are open
}

var at = time.Date(2026, 11, 23, 14, 28, 35, 0, time.UTC)

func newShelf(sizes ...int64) *shelf {
	s := &shelf{number: map[uuid.UUID]int{}, keys: map[string]*domain.File{}, lost: map[string]error{}, short: map[string]bool{}, long: map[string]bool{}}
	for i, size := range sizes {
		f := domain.NewFile(uuid.MustParse(fmt.Sprintf("0190f0a0-0000-7000-8000-%012d", i)), fmt.Sprintf("%d.bin", i), nil, nil, at.Add(time.Duration(i)*time.Second))
		f.Status, f.StoredAt, f.SizeBytes = domain.FileStored, &f.CreatedAt, size
		s.add(f)
	}
	return s
}

func (s *shelf) add(f *domain.File) {
	s.number[f.ID], s.keys[f.StorageKey] = len(s.files), f
	s.files = append(s.files, f)
}

func (s *shelf) Contents(_ context.Context, _ uuid.UUID, _ *uuid.UUID, after *ports.Cursor, limit int) ([]ports.FileContent, error) {
	from := 0
	if after != nil {
		from = s.number[after.ID] + 1
	}
	var out []ports.FileContent
	for ; from < len(s.files) && len(out) < limit; from++ {
		if f := s.files[from]; f.ID != s.gone {
			out = append(out, ports.FileContent{
				ID: f.ID, Name: f.OriginalFilename, Folder: f.Metadata["path"], SizeBytes: f.SizeBytes,
				StorageKey: f.StorageKey, StoredAt: *f.StoredAt, CreatedAt: f.CreatedAt,
			})
		}
	}
	s.pages.Add(1)
	return out, nil
}

// zeros gives n bytes of nothing.
type zeros struct {
	s    *shelf
	left int64
}

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), z.left))
	clear(p[:n])
	z.left -= int64(n)
	return n, nil
}

func (z *zeros) Close() error {
	z.s.live.Add(-1)
	return nil
}

func (s *shelf) Open(ctx context.Context, key string, _, _ int64) (io.ReadCloser, error) {
	s.opens.Add(1)
	if err := errors.Join(ctx.Err(), s.lost[key]); err != nil {
		return nil, err
	}
	f := s.keys[key]
	if f == nil {
		return nil, domain.Errorf(domain.NotFound, "no such blob")
	}
	n := f.SizeBytes
	if s.short[key] {
		n--
	}
	if s.long[key] {
		n++
	}
	s.live.Add(1)
	return &zeros{s: s, left: n}, nil
}

func (s *shelf) plan(t *testing.T) *archive.Plan {
	t.Helper()
	p, err := archive.NewPlan(t.Context(), s, s, slog.New(slog.DiscardHandler), uuid.Nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// made is the whole archive as a file, in which nothing takes no room.
func made(t *testing.T, p *archive.Plan) *zip.Reader {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	src := p.Open(t.Context())
	n, err := io.CopyBuffer(struct{ io.Writer }{sparse{file}}, struct{ io.Reader }{src}, make([]byte, 256<<10))
	if err := errors.Join(err, src.Close()); err != nil || n != p.Size {
		t.Fatalf("%d bytes of %d, %v", n, p.Size, err)
	}
	r, err := zip.NewReader(file, n)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type sparse struct{ f *os.File }

var nothing [256 << 10]byte

func (s sparse) Write(p []byte) (int, error) {
	if bytes.Equal(p, nothing[:len(p)]) {
		_, err := s.f.Seek(int64(len(p)), io.SeekCurrent)
		return len(p), err
	}
	return s.f.Write(p)
}

func check(t *testing.T, r *zip.Reader, s *shelf) {
	t.Helper()
	if len(r.File) != len(s.files) {
		t.Fatalf("%d entries of %d", len(r.File), len(s.files))
	}
	for i, e := range r.File {
		f := s.files[i]
		if e.Name != f.OriginalFilename || e.UncompressedSize64 != uint64(f.SizeBytes) || e.Method != zip.Store || !e.Modified.Equal(f.CreatedAt) {
			t.Fatalf("entry %d is %+v", i, e.FileHeader)
		}
	}
}

// readBack reads an entry; package zip compares its CRC-32 and what follows it.
func readBack(t *testing.T, e *zip.File) {
	t.Helper()
	src, err := e.Open()
	if err != nil {
		t.Fatal(e.Name, err)
	}
	defer src.Close()
	if n, err := io.Copy(io.Discard, src); err != nil || uint64(n) != e.UncompressedSize64 {
		t.Fatalf("%s: %d bytes, %v", e.Name, n, err)
	}
}

func TestAnArchiveHasItsFilesAndTheLengthThatWasSaid(t *testing.T) {
	t.Parallel()
	for name, sizes := range map[string][]int64{
		"none": {}, "empty": {0}, "one": {1}, "small and large": {5, 0, 256 << 10, 256<<10 + 1, 3 << 20, 7},
		"pages of rows": make([]int64, 2345),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(sizes...)
			r := made(t, s.plan(t))
			check(t, r, s)
			for _, e := range r.File {
				readBack(t, e)
			}
			if n := s.live.Load(); n != 0 {
				t.Errorf("%d blobs stay open", n)
			}
		})
	}
}

// APPNOTE 4.3.9.2, 4.4.1.4 and 4.5.3: sizes and offsets past 4 GiB.
func TestFilesAndOffsetsPast4GiBAreZip64(t *testing.T) {
	t.Parallel()
	s := newShelf(7, 4<<30+5, 11)
	r := made(t, s.plan(t))
	check(t, r, s)
	readBack(t, r.File[0])
	readBack(t, r.File[2])
}

// APPNOTE 4.3.14: more entries than 16 bits count.
func TestMoreThan65535FilesAreZip64(t *testing.T) {
	t.Parallel()
	for _, n := range []int{65_534, 65_535, 70_000} {
		s := newShelf(make([]int64, n)...)
		check(t, made(t, s.plan(t)), s)
	}
}

func TestWhatIsLentIsWhatIsRead(t *testing.T) {
	t.Parallel()
	sizes := []int64{1 << 20, 5, 200_000, 0, 300_000}
	for range 100 {
		sizes = append(sizes, 10, 5000, 90_000)
	}
	p := newShelf(sizes...).plan(t)
	read := p.Open(t.Context())
	defer read.Close()
	lent := p.Open(t.Context()).(interface {
		io.ReadCloser
		Lend() []byte
	})
	defer lent.Close()
	var total, borrowed int64
	buf, want := make([]byte, 100_000), make([]byte, 256<<10)
	for {
		b := lent.Lend()
		borrowed += int64(len(b))
		if len(b) == 0 {
			n, err := lent.Read(buf)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			b = buf[:n]
		}
		if _, err := io.ReadFull(read, want[:len(b)]); err != nil || !bytes.Equal(b, want[:len(b)]) {
			t.Fatalf("other bytes from %d on, %v", total, err)
		}
		total += int64(len(b))
	}
	if total != p.Size || borrowed < total/2 {
		t.Errorf("%d bytes of %d came, %d of them lent", total, p.Size, borrowed)
	}
}

// What comes into the batch while it is read is left out; the directory is one
// that is kept, and one that is made of the rows once more.
func TestFilesThatComeLaterAreNotInTheArchive(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1200, 20_000} {
		s := newShelf(make([]int64, n)...)
		p := s.plan(t)
		planned := s.files
		s.files, s.number = nil, map[uuid.UUID]int{}
		for i, f := range planned {
			if i%3 == 0 {
				late := domain.NewFile(uuid.New(), "late", nil, nil, f.CreatedAt)
				late.Status, late.StoredAt = domain.FileStored, &late.CreatedAt
				s.add(late)
			}
			s.add(f)
		}
		r := made(t, p)
		s.files = planned
		check(t, r, s)
	}
}

func TestAFileThatIsGoneOrBrokenEndsTheArchiveInTheMiddle(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(s *shelf, f *domain.File){
		"no bytes":   func(s *shelf, f *domain.File) { s.lost[f.StorageKey] = errors.New("no such blob") },
		"too few":    func(s *shelf, f *domain.File) { s.short[f.StorageKey] = true },
		"too many":   func(s *shelf, f *domain.File) { s.long[f.StorageKey] = true },
		"deleted":    func(s *shelf, f *domain.File) { s.gone = f.ID },
		"row is not": func(s *shelf, f *domain.File) { f.ID = uuid.New() },
	} {
		for _, large := range []int64{10, 1 << 20} {
			t.Run(fmt.Sprintf("%s, %d", name, large), func(t *testing.T) {
				t.Parallel()
				s := newShelf(5, 1<<20, large, 5)
				p := s.plan(t)
				breaks(s, s.files[2])
				src := p.Open(t.Context())
				n, err := io.Copy(io.Discard, src)
				if err == nil || n >= p.Size {
					t.Errorf("%d bytes of %d came, %v", n, p.Size, err)
				}
				if _, again := src.Read(make([]byte, 10)); again == nil || errors.Is(again, io.EOF) {
					t.Errorf("the next read says %v", again)
				}
				if err := src.Close(); err != nil || s.live.Load() != 0 {
					t.Errorf("%d blobs stay open, %v", s.live.Load(), err)
				}
			})
		}
	}
}

func TestAnArchiveIsMadeNoFasterThanItIsTaken(t *testing.T) {
	t.Parallel()
	sizes := make([]int64, 5000)
	for i := range sizes {
		sizes[i] = 100_000
	}
	s := newShelf(sizes...)
	src := s.plan(t).Open(t.Context())
	if _, err := io.ReadFull(src, make([]byte, 1_000_000)); err != nil {
		t.Fatal(err)
	}
	if n := s.opens.Load(); n > 25 {
		t.Errorf("ten files were read, and %d were opened", n)
	}
	if err := src.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Read(make([]byte, 10)); err == nil {
		t.Error("it goes on after it was closed")
	}
	if n := s.opens.Load(); n > 25 {
		t.Errorf("whoever asked has left, and %d files were opened", n)
	}
}

func TestNamesComeFromTheFoldersThatWereSent(t *testing.T) {
	t.Parallel()
	s := newShelf(1, 1, 1)
	for i, folder := range []string{"scans/may", "../..", "scans/may"} {
		s.files[i].OriginalFilename, s.files[i].Metadata = "a.pdf", map[string]string{"path": folder}
	}
	var got []string
	for _, e := range made(t, s.plan(t)).File {
		got = append(got, e.Name)
	}
	if want := "scans/may/a.pdf a.pdf scans/may/a (2).pdf"; strings.Join(got, " ") != want {
		t.Errorf("%q", got)
	}
}

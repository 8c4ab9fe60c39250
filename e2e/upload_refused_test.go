package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"doorito/e2e/portal"
	"doorito/e2e/world"
)

func TestOneRefusedFileLeavesTheOthersAloneAndIsListed(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{Env: []string{"FILE_UPLOAD_MAX_SIZE=15000000", "FILE_UPLOAD_ALLOWED_TYPES=text/plain"}})
	token := p.Token(t, "upload,read")
	pdf := "%PDF-1.7\n" + strings.Repeat("x", 100)
	dir := fileTree(t, map[string][]byte{
		"a.txt": []byte("a"), "huge.txt": []byte(strings.Repeat("too much\n", 2_000_000)), "late.txt": []byte(pdf + strings.Repeat("x", 9<<20)), "paper.pdf": []byte(pdf), "z.txt": []byte("z"),
	})
	out, errs, code := upload(t, p.URL, token, "--json", dir)
	files, sum := readTold(t, out)
	if code != 1 || sum.Uploaded != 2 || sum.Failed != 3 || sum.NotSent != 0 || sum.Finalised {
		t.Fatalf("code %d, %+v: %s", code, sum, errs)
	}
	if !strings.Contains(errs, "3 files were not sent:\n") || !strings.Contains(errs, "Run the same command to go on") {
		t.Errorf("%s", errs)
	}
	for name, why := range map[string]string{"huge.txt": "15.0 MB", "late.txt": "PDF named .txt", "paper.pdf": "application/pdf"} {
		f := files[filepath.Join(dir, name)]
		if f.Status != "failed" || !strings.Contains(f.Error, why) || !strings.Contains(errs, "  "+f.Path+": "+f.Error) {
			t.Errorf("%s: %+v\n%s", name, f, errs)
		}
		if err := os.Remove(f.Path); err != nil {
			t.Fatal(err)
		}
	}
	// Without them the batch can end.
	out, errs, code = upload(t, p.URL, token, "--json", dir)
	if _, again := readTold(t, out); code != 0 || again.There != 2 || again.BatchID != sum.BatchID || !again.Finalised {
		t.Errorf("again: code %d, %+v: %s", code, again, errs)
	}
}

func TestContentThatChangedUnderItsOldTimeIsRefusedByItsHash(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	token := p.Token(t, "upload,read")
	content := seeded(5, 20<<20)
	path := filepath.Join(fileTree(t, map[string][]byte{"large.bin": content}), "large.bin")
	g := newGate(t, p.URL, 1)
	u := startUpload(t, g.URL, token, "--sha256", "--parallel", "1", path)
	world.Eventually(t, "a part is there", func() bool { return g.stuck(1) })
	if err := u.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	u.end()
	g.open(true)

	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	content[0]++ // in the part that is there
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	out, errs, code := upload(t, p.URL, token, "--sha256", path)
	if code != 1 || out != "" || !strings.Contains(errs, "1 file was not sent:") || !strings.Contains(errs, "SHA-256") || !strings.Contains(errs, hexSum(content)[:12]) {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	out, errs, code = upload(t, p.URL, token, "--sha256", path)
	if code != 0 || out != hexSum(content)+"  "+path+"\n" {
		t.Errorf("again: code %d: %s%s", code, out, errs)
	}
}

func TestAFileThatGrowsWhileItIsSentIsToldAndSentAgain(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	token := p.Token(t, "upload,read")
	content := seeded(6, 20<<20)
	path := filepath.Join(fileTree(t, map[string][]byte{"large.bin": content}), "large.bin")
	g := newGate(t, p.URL, 1)
	u := startUpload(t, g.URL, token, "--json", "--parallel", "1", path)
	world.Eventually(t, "a part is there", func() bool { return g.stuck(1) })
	content = append(content, "more"...)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	g.open(false)
	if code := u.end(); code != 1 || !strings.Contains(u.errSoFar(), "it changed while it was sent") {
		t.Errorf("code %d: %s", code, u.errSoFar())
	}
	out, errs, code := upload(t, p.URL, token, "--json", path)
	if files, _ := readTold(t, out); code != 0 || files[path].SHA256 != hexSum(content) {
		t.Errorf("again: code %d: %s%s", code, out, errs)
	}
}

func TestAnInterruptedUploadSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	token := p.Token(t, "upload,read")
	dir := fileTree(t, map[string][]byte{"large.bin": seeded(7, 20<<20), "z.txt": []byte("z")})
	g := newGate(t, p.URL, 1)
	u := startUpload(t, g.URL, token, "--json", "--parallel", "1", dir)
	world.Eventually(t, "a part is there", func() bool { return g.stuck(1) })
	if err := u.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := u.end(); code != 130 || !strings.Contains(u.errSoFar(), "Run the same command to go on where it stopped.") {
		t.Errorf("code %d: %s", code, u.errSoFar())
	}
	if _, sum := readTold(t, u.outSoFar()); sum.NotSent != 2 || sum.Failed != 0 {
		t.Errorf("%+v", sum)
	}
	g.open(true)
	out, errs, code := upload(t, g.URL, token, "--json", dir)
	if _, sum := readTold(t, out); code != 0 || sum.Uploaded != 2 || len(g.took()) != 3 {
		t.Errorf("again: code %d, %v: %s%s", code, g.took(), out, errs)
	}
}

func TestUploadTakesStandardInputAndRefusesWrongTokensAtOnce(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	token := p.Token(t, "upload")
	u := startUpload(t, p.URL, "dto_wrong", "--json", fileTree(t, map[string][]byte{"a": nil, "b": nil}))
	if code := u.end(); code != 1 || !strings.Contains(u.errSoFar(), "doorito: ") || strings.Contains(u.errSoFar(), "dto_wrong") {
		t.Errorf("code %d: %s", code, u.errSoFar())
	}
	content := seeded(8, 9<<20)
	path := filepath.Join(fileTree(t, map[string][]byte{"x": content}), "x")
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	s := newUpload(t, p.URL, token, "-", "--name", "backup.tar")
	s.Stdin = in
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if code := s.end(); code != 0 || s.outSoFar() != hexSum(content)+"  backup.tar\n" {
		t.Errorf("code %d: %s%s", code, s.outSoFar(), s.errSoFar())
	}
}

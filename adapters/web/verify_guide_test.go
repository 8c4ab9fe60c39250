package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"doorito/domain"
)

// guideCase is a webhook that the code of the guide is given.
type guideCase struct {
	name               string
	id, at, sigs, body string
	good               bool
}

const guideSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func guideCases(t *testing.T) []guideCase {
	t.Helper()
	body := `{"id":"1","type":"file.stored","data":{"original_filename":"größe 'x' $HOME.pdf"}}`
	sign := func(secret string, at time.Time) string {
		sig, err := domain.SignStandard(secret, "msg_1", at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}
	now := time.Now()
	at := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	other := "whsec_" + strings.Repeat("QUFB", 11) + "QQ=="
	good := sign(guideSecret, now)
	return []guideCase{
		{"a good one", "msg_1", at(0), good, body, true},
		{"during a rotation", "msg_1", at(0), sign(other, now) + " v1a,c2ln " + good, body, true},
		{"another secret's", "msg_1", at(0), sign(other, now), body, false},
		{"another body", "msg_1", at(0), good, body + " ", false},
		{"another id", "msg_2", at(0), good, body, false},
		{"an old one", "msg_1", at(-20 * time.Minute), sign(guideSecret, now.Add(-20*time.Minute)), body, false},
		{"one of the future", "msg_1", at(20 * time.Minute), sign(guideSecret, now.Add(20*time.Minute)), body, false},
		{"no signature", "msg_1", at(0), "", body, false},
	}
}

// runner makes a program of the guide's code; each case is its last arguments:
// id, timestamp, signatures, file with the body. It exits with 0 for a good
// webhook, with 3 for a refused one.
type runner struct {
	lang  string
	needs string // the tool without which the machine does not have the language
	build func(t *testing.T, dir, code string) []string
}

var runners = []runner{
	{"go", "go", func(t *testing.T, dir, code string) []string {
		mustWrite(t, dir, "go.mod", "module guide\n\ngo 1.21\n")
		mustWrite(t, dir, "main.go", "package main\n\nimport (\n\"crypto/hmac\"\n\"crypto/sha256\"\n\"encoding/base64\"\n\"errors\"\n\"net/http\"\n\"os\"\n\"strconv\"\n\"strings\"\n\"time\"\n)\n\n"+code+`

func main() {
	body, err := os.ReadFile(os.Args[4])
	if err != nil { panic(err) }
	h := http.Header{}
	h.Set("webhook-id", os.Args[1]); h.Set("webhook-timestamp", os.Args[2]); h.Set("webhook-signature", os.Args[3])
	if verify("`+guideSecret+`", h, body) != nil { os.Exit(3) }
}`)
		mustRun(t, dir, "go", "build", "-o", "guide", ".")
		return []string{filepath.Join(dir, "guide")}
	}},
	{"python", "python3", func(t *testing.T, dir, code string) []string {
		mustWrite(t, dir, "guide.py", code+`
import sys
try:
    verify("`+guideSecret+`", {"webhook-id": sys.argv[1], "webhook-timestamp": sys.argv[2], "webhook-signature": sys.argv[3]}, open(sys.argv[4], "rb").read())
except ValueError:
    sys.exit(3)
`)
		return []string{"python3", filepath.Join(dir, "guide.py")}
	}},
	{"node", "node", func(t *testing.T, dir, code string) []string {
		mustWrite(t, dir, "guide.mjs", code)
		mustWrite(t, dir, "main.mjs", `import { verify } from "./guide.mjs";
import { readFileSync } from "node:fs";
const [, , id, at, sigs, file] = process.argv;
const body = readFileSync(file);
try { verify("`+guideSecret+`", { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": sigs }, body); }
catch (e) { process.exit(/timestamp|signature/.test(e.message) ? 3 : 1); }
`)
		return []string{"node", filepath.Join(dir, "main.mjs")}
	}},
	{"php", "php", func(t *testing.T, dir, code string) []string {
		mustWrite(t, dir, "guide.php", code+`
try {
    verify("`+guideSecret+`", ["webhook-id" => $argv[1], "webhook-timestamp" => $argv[2], "webhook-signature" => $argv[3]], file_get_contents($argv[4]));
} catch (Exception $e) {
    exit(3);
}
`)
		return []string{"php", filepath.Join(dir, "guide.php")}
	}},
	{"csharp", "dotnet", func(t *testing.T, dir, code string) []string {
		mustWrite(t, dir, "guide.csproj", `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net8.0</TargetFramework><RollForward>Major</RollForward></PropertyGroup></Project>`)
		mustWrite(t, dir, "guide.cs", code+csharpMain)
		mustRun(t, dir, "dotnet", "build", "-o", "out")
		return []string{"dotnet", filepath.Join(dir, "out", "guide.dll")}
	}},
	// Mono lacks one class of today's .NET; it is put beside the code.
	{"csharp", "mcs", func(t *testing.T, dir, code string) []string {
		mustWrite(t, dir, "guide.cs", code+csharpMain)
		mustWrite(t, dir, "old.cs", `namespace System.Security.Cryptography { static class CryptographicOperations {
	public static bool FixedTimeEquals(byte[] a, byte[] b) {
		if (a.Length != b.Length) return false;
		int d = 0; for (int i = 0; i < a.Length; i++) d |= a[i] ^ b[i]; return d == 0; } } }`)
		mustRun(t, dir, "mcs", "-out:guide.exe", "guide.cs", "old.cs")
		return []string{"mono", filepath.Join(dir, "guide.exe")}
	}},
	{"shell", "openssl", func(t *testing.T, dir, code string) []string {
		mustWrite(t, dir, "guide.sh", "SECRET='"+guideSecret+"'\n"+code+"\nverify \"$1\" \"$2\" \"$3\" \"$4\" || exit 3\n")
		return []string{"sh", filepath.Join(dir, "guide.sh")}
	}},
}

const csharpMain = `
static class Program {
	static int Main(string[] args) {
		byte[] body = System.IO.File.ReadAllBytes(args[3]);
		try { Webhook.Verify("` + guideSecret + `", args[0], args[1], args[2], body); }
		catch (Exception e) { return e.Message.Contains("timestamp") || e.Message.Contains("signature") ? 3 : 1; }
		return 0;
	}
}`

func mustWrite(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mustRun(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// The code that the page shows is taken from it and run, in each language that
// this machine has.
func TestTheCodeOfTheGuideVerifies(t *testing.T) {
	t.Parallel()
	code := map[string]string{}
	for _, g := range verifyGuide() {
		code[g.ID] = g.Code
	}
	ran := map[string]bool{}
	for _, r := range runners {
		if code[r.lang] == "" {
			t.Errorf("the guide has nothing for %s", r.lang)
		}
		if _, err := exec.LookPath(r.needs); err != nil || ran[r.lang] {
			continue
		}
		ran[r.lang] = true
		t.Run(r.lang, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			command := r.build(t, dir, code[r.lang])
			for _, c := range guideCases(t) {
				mustWrite(t, dir, "body.json", c.body)
				run := exec.Command(command[0], append(command[1:], c.id, c.at, c.sigs, filepath.Join(dir, "body.json"))...)
				out, _ := run.CombinedOutput() // the exit code says it
				want := 3
				if c.good {
					want = 0
				}
				if got := run.ProcessState.ExitCode(); got != want {
					t.Errorf("%s: exit code %d, want %d: %s", c.name, got, want, out)
				}
			}
		})
	}
	for _, lang := range []string{"go", "python", "node", "shell"} {
		if !ran[lang] {
			t.Errorf("%s is not on this machine; make test-deps installs it", lang)
		}
	}
}

// post of the shell's guide sends what a receiver takes.
func TestTheShellOfTheGuideSendsASignedWebhook(t *testing.T) {
	t.Parallel()
	got := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && !json.Valid(body) {
			err = io.ErrUnexpectedEOF
		}
		if err == nil {
			err = domain.VerifyStandard(guideSecret, r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Timestamp"), r.Header.Get("Webhook-Signature"), body, time.Now())
		}
		got <- err
	}))
	defer srv.Close()
	dir := t.TempDir()
	mustWrite(t, dir, "body.json", `{"a": "§ %s"}`)
	mustWrite(t, dir, "send.sh", "SECRET='"+guideSecret+"'\n"+guideShell+"\npost \"$1\" body.json\n")
	mustRun(t, dir, "sh", "send.sh", srv.URL)
	if err := <-got; err != nil {
		t.Error(err)
	}
}

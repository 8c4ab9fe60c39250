package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"doorito/e2e/portal"
	"doorito/e2e/services"
)

// run executes the program with only these variables and returns what it says.
func run(t *testing.T, dir string, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	c := exec.Command(portal.Build(t), args...)
	c.Dir, c.Env = dir, append([]string{"DATA_DIR=" + dir}, env...)
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

func TestWrongUsageAndSettingsExitWith2AndSayWhatIsAllowed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  []string
		args []string
		code int
		says string
	}{
		"a wrong setting":            {[]string{"FILE_UPLOAD_MAX_SIZE=lots"}, []string{"serve"}, 2, "FILE_UPLOAD_MAX_SIZE is \"lots\""},
		"web without a database":     {nil, []string{"web"}, 2, "DATABASE_URL"},
		"worker without Redis":       {nil, []string{"worker"}, 2, "REDIS_URL"},
		"scheduler without both":     {nil, []string{"scheduler"}, 2, "one process"},
		"no such command":            {nil, []string{"serv"}, 2, "serv"},
		"no such flag":               {nil, []string{"serve", "--fast"}, 2, "--fast"},
		"a group alone":              {nil, []string{"user"}, 2, "subcommand"},
		"too few arguments":          {nil, []string{"user", "create"}, 2, "user create EMAIL"},
		"no email":                   {nil, []string{"user", "create", "nobody"}, 2, "email"},
		"no such size":               {nil, []string{"user", "create", "a@example.com", "--quota", "much"}, 2, "size"},
		"no such role":               {nil, []string{"user", "create", "a@example.com", "--role", "boss"}, 2, "admin or staff"},
		"token without a name":       {nil, []string{"token", "create", "--user", "a@example.com"}, 2, "--name"},
		"no such scope":              {nil, []string{"token", "create", "--user", "a@example.com", "--name", "x", "--scopes", "all"}, 2, "scope"},
		"tokens of nobody":           {nil, []string{"token", "list", "--user", "a@example.com"}, 1, "no such user"},
		"revoke without a token":     {nil, []string{"token", "revoke"}, 2, "ID|PREFIX"},
		"revoke what is no token":    {nil, []string{"token", "revoke", "ci"}, 2, "token list"},
		"revoke an unknown id":       {nil, []string{"token", "revoke", "0190f0a0-0000-7000-8000-000000000001"}, 1, "no such token"},
		"revoke an unknown prefix":   {nil, []string{"token", "revoke", "dto_abcdef"}, 1, "begins with"},
		"token of nobody":            {nil, []string{"token", "create", "--user", "a@example.com", "--name", "x"}, 1, "no such user"},
		"endpoint without a URL":     {nil, []string{"endpoint", "create"}, 2, "--url"},
		"endpoint that is none":      {nil, []string{"endpoint", "create", "--url", "ftp://x"}, 2, "web address"},
		"a header without a value":   {nil, []string{"endpoint", "create", "--url", "https://example.com", "--header", "X-Tenant"}, 2, "Name: value"},
		"a header that is reserved":  {nil, []string{"endpoint", "create", "--url", "https://example.com", "--header", "Host: x"}, 2, "cannot be set"},
		"a size that is none":        {nil, []string{"endpoint", "create", "--url", "https://example.com", "--min-size", "big"}, 2, "not a size"},
		"rotate what is no endpoint": {nil, []string{"endpoint", "rotate", "customs"}, 2, "endpoint list"},
		"rotate an unknown endpoint": {nil, []string{"endpoint", "rotate", "0190f0a0-0000-7000-8000-000000000001"}, 1, "no such endpoint"},
		"replay without a window":    {nil, []string{"endpoint", "replay", "0190f0a0-0000-7000-8000-000000000001"}, 1, "no such endpoint"},
		"replay from no time":        {nil, []string{"endpoint", "replay", "0190f0a0-0000-7000-8000-000000000001", "--from", "monday"}, 2, "how long ago"},
		"reset what is not there":    {nil, []string{"user", "reset-second-factor", "a@example.com"}, 1, "no such user"},
		"run what is no schedule":    {nil, []string{"schedule", "run", "nightly"}, 1, "no schedule \"nightly\""},
		"listen with no such status": {nil, []string{"listen", "--secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "--status", "42"}, 2, "200 to 599"},
		"listen forwards to a name":  {nil, []string{"listen", "--secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "--forward", "localhost"}, 2, "--forward"},
		"listen without a secret":    {nil, []string{"listen"}, 2, "--secret"},
		"listen with a wrong one":    {nil, []string{"listen", "--secret", "guess"}, 2, "whsec_"},
		"upload without a portal":    {nil, []string{"upload", "x"}, 2, "--url URL"},
		"upload without a token":     {nil, []string{"upload", "x", "--url", "http://127.0.0.1:1"}, 2, "DOORITO_TOKEN"},
		"upload to what is no URL":   {[]string{"DOORITO_TOKEN=x"}, []string{"upload", "x", "--url", "files.example.com"}, 2, "https://HOST"},
		"upload of nothing":          {[]string{"DOORITO_TOKEN=x"}, []string{"upload", "--url", "http://127.0.0.1:1"}, 2, "name the files"},
		"upload of what is not":      {[]string{"DOORITO_TOKEN=x"}, []string{"upload", "x", "--url", "http://127.0.0.1:1"}, 2, "no file or folder \"x\""},
		"upload with a lost token":   {nil, []string{"upload", "x", "--url", "http://127.0.0.1:1", "--token-file", "none"}, 2, "cannot be read"},
		"upload of a nameless pipe":  {[]string{"DOORITO_TOKEN=x"}, []string{"upload", "-", "--url", "http://127.0.0.1:1"}, 2, "--name"},
		"upload by too many at once": {[]string{"DOORITO_TOKEN=x"}, []string{"upload", "x", "--url", "http://127.0.0.1:1", "--parallel", "99"}, 2, "1 to 32"},
		"upload to a silent address": {[]string{"DOORITO_TOKEN=x"}, []string{"upload", "/etc/hostname", "--url", "http://127.0.0.1:1", "--retry-for", "0s"}, 1, "does not answer: connection refused"},
		"a portal that is not there": {nil, []string{"doctor", "--url", "http://127.0.0.1:1"}, 1, "FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, code := run(t, t.TempDir(), c.env, c.args...)
			if code != c.code || !strings.Contains(strings.ToLower(out+errs), strings.ToLower(c.says)) {
				t.Errorf("code %d: %s%s", code, out, errs)
			}
		})
	}
}

func TestCommandsPrintResultsAloneToStandardOutput(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"sqlite", "postgres"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var env []string
			if form == "postgres" {
				env = []string{"DATABASE_URL=" + services.Postgres(t), "SECRET_KEY=" + portal.SecretKey}
			}
			ok := func(args ...string) string {
				t.Helper()
				out, errs, code := run(t, dir, env, args...)
				if code != 0 {
					t.Fatalf("doorito %s: code %d: %s", strings.Join(args, " "), code, errs)
				}
				return strings.TrimSpace(out)
			}
			if out := ok("migrate", "status"); strings.Contains(out, "applied") || !strings.Contains(out, "pending") {
				t.Errorf("before: %s", out)
			}
			if out := ok("migrate", "up"); !strings.Contains(out, "applied") {
				t.Errorf("up: %s", out)
			}
			if out := ok("migrate", "up"); out != "nothing to apply" {
				t.Errorf("up again: %s", out)
			}
			var steps []struct{ Applied bool }
			if err := json.Unmarshal([]byte(ok("migrate", "status", "--json")), &steps); err != nil || len(steps) == 0 || !steps[0].Applied {
				t.Errorf("after: %+v, %v", steps, err)
			}
			if out := ok("user", "create", "ines@example.com", "--role", "admin", "--name", "Ines Ferrante"); len(out) < 10 || strings.ContainsAny(out, " \n") {
				t.Errorf("user create prints %q", out)
			}
			if out := ok("user", "list"); !strings.Contains(out, "ines@example.com") || !strings.Contains(out, "admin") {
				t.Errorf("user list prints %q", out)
			}
			ok("user", "set", "ines@example.com", "--quota", "10GB", "--types", "image/*", "--withhold", "delete,download")
			ok("user", "set", "ines@example.com", "--name", "Ines F.")
			if out := ok("user", "list", "--json"); !strings.Contains(out, `"quota_bytes":10000000000,"allowed_types":["image/*"],"withheld":["download","delete"]`) || !strings.Contains(out, "Ines F.") || !strings.Contains(out, `"admin"`) {
				t.Errorf("after user set, user list prints %q", out)
			}
			tokensAreMadeListedAndRevoked(t, ok)
			var made struct{ ID, Secret string }
			if err := json.Unmarshal([]byte(ok("endpoint", "create", "--url", "https://example.com/hook", "--events", "file.stored,batch.*")), &made); err != nil || made.ID == "" || !strings.HasPrefix(made.Secret, "whsec_") {
				t.Errorf("endpoint create: %+v, %v", made, err)
			}
			if out := ok("endpoint", "list", "--json"); !strings.Contains(out, made.ID) || strings.Contains(out, made.Secret) {
				t.Errorf("endpoint list prints %q", out)
			}
			if out := ok("storage", "check"); !strings.Contains(out, "all is well") {
				t.Errorf("storage check prints %q", out)
			}
			var report struct{ Left int }
			if err := json.Unmarshal([]byte(ok("storage", "check", "--repair", "--json")), &report); err != nil || report.Left != 0 {
				t.Errorf("storage check: %+v, %v", report, err)
			}
			if out := ok("doctor"); !strings.Contains(out, "ok      database") || !strings.Contains(out, "ok      clock") || !strings.Contains(out, "ok      storage") {
				t.Errorf("doctor prints %q", out)
			}
		})
	}
}

// Every line of the log is JSON where no terminal reads it, and a request's has
// the id that its answer had.
func TestTheLogIsJSONWithRequestIDs(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	ids := map[string]bool{}
	for _, path := range []string{"/login", "/app/nowhere/", "/api/v1/me"} {
		ids[p.Anonymous(t).Get(t, path).Header.Get("X-Request-Id")] = true
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(p.Log()) {
		var entry struct {
			Msg       string `json:"msg"`
			RequestID string `json:"request_id"`
		}
		if !strings.HasPrefix(line, "{") {
			continue // the address and the first login, for people
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Msg == "" {
			t.Errorf("%q: %v", line, err)
		}
		delete(ids, entry.RequestID)
	}
	if len(ids) > 0 {
		t.Errorf("the log does not know the requests %v: %s", ids, p.Log())
	}
}

func TestDoctorAsksARunningPortal(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	out := p.MustCLI(t, "doctor", "--url", p.URL)
	for _, name := range []string{"portal", "clock", "proxy"} {
		if !strings.Contains(out, "ok      "+name) {
			t.Errorf("doctor prints %q", out)
		}
	}
}

// tokensAreMadeListedAndRevoked runs the commands about tokens; ok returns what
// one prints. There is a user ines@example.com.
func tokensAreMadeListedAndRevoked(t *testing.T, ok func(args ...string) string) {
	t.Helper()
	secret := ok("token", "create", "--user", "ines@example.com", "--name", "ci", "--scopes", "upload,read", "--expires", "720h")
	if !regexp.MustCompile(`^dto_[A-Za-z0-9_-]{43}$`).MatchString(secret) {
		t.Fatalf("token create prints %q", secret)
	}
	ok("token", "create", "--user", "ines@example.com", "--name", "scanner", "--scopes", "upload")
	type line struct {
		ID, Prefix, Name, User, State string
		Scopes                        []string
		ExpiresAt                     *string `json:"expires_at"`
	}
	list := func() []line {
		var lines []line
		out := ok("token", "list", "--user", "ines@example.com", "--json")
		if err := json.Unmarshal([]byte(out), &lines); err != nil || len(lines) != 2 || strings.Contains(out, secret) || strings.Contains(out, "hash") {
			t.Fatalf("token list prints %s: %v", out, err)
		}
		return lines
	}
	scanner, ci := list()[0], list()[1]
	if ci.Name != "ci" || ci.State != "active" || ci.User != "ines@example.com" || strings.Join(ci.Scopes, ",") != "upload,read" || ci.ExpiresAt == nil || scanner.ExpiresAt != nil || !strings.HasPrefix(secret, ci.Prefix) {
		t.Errorf("listed: %+v and %+v", ci, scanner)
	}
	if out := ok("token", "list"); !strings.Contains(out, ci.Prefix) || !strings.Contains(out, "active") || strings.Contains(out, secret) {
		t.Errorf("token list prints %q", out)
	}
	for _, name := range []string{ci.Prefix, ci.Prefix, scanner.ID} {
		if out := ok("token", "revoke", name); out != "" {
			t.Errorf("token revoke prints %q", out)
		}
	}
	for _, l := range list() {
		if l.State != "revoked" {
			t.Errorf("%s is %s", l.Name, l.State)
		}
	}
}

package fiberx_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// tells serves routes that send 104 before they read their body.
func tells(app *fiber.App) {
	app.Put("/tell", fiberx.Upload(func(c *fiber.Ctx) error {
		say := fiberx.InterimOf(c)
		say.Send(104, "Upload Resumption Supported", "Location: /at/"+c.Query("n"))
		r, _ := fiberx.Body(c)
		n, err := io.Copy(io.Discard, r)
		if err != nil {
			return err
		}
		say.Send(104, "Upload Resumption Supported", fmt.Sprint("Upload-Offset: ", n))
		return c.SendString(fmt.Sprint("got ", n, " as ", c.Query("n")))
	}))
	app.Get("/big", func(c *fiber.Ctx) error { return c.SendString(strings.Repeat("x", 100_000)) })
	app.Get("/small", func(c *fiber.Ctx) error { return c.SendString("small") })
}

// read takes one response, informational or final.
func read(t *testing.T, r *bufio.Reader) (*http.Response, string) {
	t.Helper()
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestInformationalResponsesComeBeforeTheirAnswerAndAfterEarlierOnes(t *testing.T) {
	t.Parallel()
	p := start(t, nil, tells)
	put := func(n, body string) string {
		return fmt.Sprintf("PUT /tell?n=%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", n, len(body), body)
	}
	get := func(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n" }
	told := func(n string, size int) []string {
		return []string{"104 /at/" + n, fmt.Sprint("104 ", size), fmt.Sprint("200 got ", size, " as ", n)}
	}
	small, big := "200 small", "200 "+strings.Repeat("x", 100_000)
	for name, tc := range map[string]struct {
		sent string
		want [][]string
	}{
		"pipelined behind a page":           {get("/small") + put("1", "hello"), [][]string{{small}, told("1", 5)}},
		"pipelined behind a large page":     {get("/big") + put("1", "hello"), [][]string{{big}, told("1", 5)}},
		"pipelined behind each other":       {put("1", "hello") + put("2", "") + put("3", "worlds"), [][]string{told("1", 5), told("2", 0), told("3", 6)}},
		"pipelined between refusals":        {get("/nothing") + put("1", "hello") + get("/nothing"), [][]string{{"404"}, told("1", 5), {"404"}}},
		"pipelined behind an unread body":   {strings.Replace(put("1", "hello"), "/tell", "/nothing", 1) + put("2", "hello"), [][]string{{"404"}, told("2", 5)}},
		"in chunks, and a page behind them": {"PUT /tell?n=1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n" + get("/small"), [][]string{told("1", 5), {small}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := p.dial(t)
			if _, err := io.WriteString(conn, tc.sent); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(conn)
			for _, request := range tc.want {
				for _, want := range request {
					res, body := read(t, r)
					got := strings.TrimSpace(fmt.Sprint(res.StatusCode, " ", res.Header.Get("Location"), res.Header.Get("Upload-Offset"), body))
					if !strings.HasPrefix(got, want) {
						t.Fatalf("%.80q, not %.80q", got, want)
					}
				}
			}
		})
	}
}

func TestInformationalResponsesOnAConnectionThatIsKept(t *testing.T) {
	t.Parallel()
	p := start(t, nil, tells)
	conn := p.dial(t)
	r := bufio.NewReader(conn)
	for n := range 3 {
		if _, err := fmt.Fprintf(conn, "PUT /tell?n=%d HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", n); err != nil {
			t.Fatal(err)
		}
		if res, _ := read(t, r); res.StatusCode != 100 {
			t.Fatalf("%d: 100 MUST NOT be left out: %v", n, res)
		}
		// fasthttp runs the handler when the first byte of the body is here.
		if _, err := io.WriteString(conn, "h"); err != nil {
			t.Fatal(err)
		}
		if res, _ := read(t, r); res.StatusCode != 104 || res.Header.Get("Location") != fmt.Sprint("/at/", n) {
			t.Fatalf("%d: before the rest of the body: %v", n, res)
		}
		if _, err := io.WriteString(conn, "ello"); err != nil {
			t.Fatal(err)
		}
		if res, _ := read(t, r); res.StatusCode != 104 || res.Header.Get("Upload-Offset") != "5" {
			t.Fatalf("%d: after the body: %v", n, res)
		}
		if res, body := read(t, r); res.StatusCode != 200 || body != fmt.Sprint("got 5 as ", n) {
			t.Fatalf("%d: %v %s", n, res, body)
		}
	}
}

func TestClientsOfHTTP10HearNoInformationalResponse(t *testing.T) {
	t.Parallel()
	p := start(t, nil, tells)
	conn := p.dial(t)
	if _, err := io.WriteString(conn, "PUT /tell HTTP/1.0\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"); err != nil {
		t.Fatal(err)
	}
	if res, body := read(t, bufio.NewReader(conn)); res.StatusCode != 200 || body != "got 5 as " {
		t.Errorf("%v %s", res, body)
	}
}

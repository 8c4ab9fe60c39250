// Command demo shows the whole way once, in a temporary folder: it starts the
// portal and a receiver, makes an endpoint, hands in a file with a token, and
// prints the verified webhook and the file as fetched by the link in it.
//
//	go run ./e2e/demo bin/doorito
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"doorito/e2e/portal"
)

const sample = "container;seal;arrival\nHLXU-440118;A-4471;2026-11-23T10:20:00Z\n"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: demo PATH-OF-DOORITO")
	}
	bin, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "doorito-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	say("1. The portal starts on embedded parts, in a temporary folder. Endpoints on this machine are allowed.")
	p, err := portal.Start(ctx, portal.Options{Bin: bin, Dir: dir})
	if err != nil {
		return err
	}
	defer p.Kill()
	say("   " + p.URL)

	say("2. An endpoint is made, and a receiver starts with its secret.")
	webhooks, stop, err := receive(ctx, p, bin)
	if err != nil {
		return err
	}
	defer stop()

	say("3. A file is handed in: curl -T arrivals.csv " + p.URL + "/api/v1/files/arrivals.csv")
	token, err := p.CLI(ctx, "token", "create", "--user", portal.AdminEmail, "--name", "demo", "--scopes", "upload,read")
	if err != nil {
		return err
	}
	start := time.Now()
	answer, err := put(ctx, p.URL+"/api/v1/files/arrivals.csv", token)
	if err != nil {
		return err
	}
	say("   " + answer)

	line, err := next(ctx, webhooks)
	if err != nil {
		return err
	}
	say(fmt.Sprintf("4. The receiver has it, verified, %s after the upload began:", time.Since(start).Round(time.Millisecond)))
	say("   " + line)
	return fetch(ctx, line)
}

// receive makes an endpoint for a receiver on a free port and starts it.
func receive(ctx context.Context, p *portal.Portal, bin string) (lines <-chan string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	addr := l.Addr().String()
	l.Close()
	out, err := p.CLI(ctx, "endpoint", "create", "--url", "http://"+addr+"/webhooks", "--events", "file.stored")
	if err != nil {
		return nil, nil, err
	}
	var made struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		return nil, nil, err
	}
	c := exec.CommandContext(ctx, bin, "listen", "--addr", addr, "--secret", made.Secret, "--json")
	errs, err := c.StderrPipe()
	if err != nil {
		return nil, nil, err
	}
	pipe, err := c.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := c.Start(); err != nil {
		return nil, nil, err
	}
	stop = func() { _ = c.Process.Kill(); _ = c.Wait() }
	words, got := scan(errs), scan(pipe)
	line, err := next(ctx, words)
	if err != nil {
		stop()
		return nil, nil, err
	}
	say("   " + line)
	return got, stop, nil
}

// scan passes lines on until the program ends.
func scan(r io.Reader) <-chan string {
	lines := make(chan string, 16)
	go func() {
		defer close(lines)
		s := bufio.NewScanner(r)
		s.Buffer(nil, 4<<20)
		for s.Scan() {
			lines <- s.Text()
		}
	}()
	return lines
}

func next(ctx context.Context, lines <-chan string) (string, error) {
	select {
	case line, ok := <-lines:
		if !ok {
			return "", errors.New("the receiver ended")
		}
		return line, nil
	case <-ctx.Done():
		return "", errors.New("the receiver says nothing")
	}
}

func put(ctx context.Context, url, token string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, strings.NewReader(sample))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return answer(req, http.StatusCreated)
}

func answer(req *http.Request, want int) (string, error) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	if res.StatusCode != want {
		return "", fmt.Errorf("%s %s answers %s: %s", req.Method, req.URL, res.Status, body)
	}
	return strings.TrimSpace(string(body)), nil
}

// fetch follows the link in the webhook, as a receiver would.
func fetch(ctx context.Context, line string) error {
	var got struct {
		Verified bool
		Body     struct{ Data struct{ URL string } }
	}
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		return err
	}
	if !got.Verified {
		return errors.New("the receiver did not verify the webhook")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, got.Body.Data.URL, nil)
	if err != nil {
		return err
	}
	body, err := answer(req, http.StatusOK)
	if err != nil {
		return err
	}
	say("5. The link in it answers with the file:\n   " + strings.ReplaceAll(body, "\n", "\n   "))
	if body != strings.TrimSpace(sample) {
		return errors.New("the download is another file")
	}
	return nil
}

func say(s string) { fmt.Println(s) }

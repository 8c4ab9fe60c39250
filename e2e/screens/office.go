package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"doorito/e2e/portal"
)

// People of the office; the first looks at the pages.
const (
	admin     = "priya.raman@halden.example"
	adminName = "Priya Raman"
)

var staff = []struct{ email, name string }{
	{"jonas.lindqvist@halden.example", "Jonas Lindqvist"}, {"mei.tanaka@halden.example", "Mei Tanaka"}, {"omar.haddad@halden.example", "Omar Haddad"},
}

// office is a freight forwarder that uses the portal for a week.
type office struct {
	portal    *portal.Portal
	dir       string
	receivers *receivers
	endpoints map[string]string // name to id
	password  string            // of admin
	full      string            // a token for everything
	tokens    []string          // of the staff
	files     []string          // ids, stored
	handed    int
	random    *rand.Rand
}

// week plays seven days: six in four rounds each, the last one hour by hour.
func (o *office) week(ctx context.Context) error {
	o.random = rand.New(rand.NewPCG(4, 7))
	if err := o.openDoors(ctx); err != nil {
		return err
	}
	for range 6 {
		for _, files := range []int{3, 14, 11, 4} {
			if err := errors.Join(o.round(ctx, files, false), o.pass(ctx, 6*time.Hour)); err != nil {
				return err
			}
		}
	}
	busy := []int{4, 3, 3, 2, 3, 4, 6, 8, 11, 14, 12, 10, 9, 12, 14, 13, 11, 9, 7, 6, 5, 7, 8}
	for hour, files := range busy {
		switch hour {
		case 4:
			o.receivers.named("Old ERP (Lund)").fails.Store(http.StatusGone)
		case 14:
			o.receivers.named("Customs gateway").fails.Store(http.StatusServiceUnavailable)
		}
		if err := errors.Join(o.round(ctx, files, hour%6 == 1), o.pass(ctx, time.Hour-time.Second)); err != nil {
			return err
		}
	}
	return errors.Join(o.round(ctx, 6, true), o.pass(ctx, 11*time.Minute), o.round(ctx, 4, false), o.replay(ctx))
}

// openDoors makes accounts, tokens and endpoints.
func (o *office) openDoors(ctx context.Context) (err error) {
	if o.password, err = o.portal.CLI(ctx, "user", "create", admin, "--name", adminName, "--role", "admin"); err != nil {
		return err
	}
	if o.full, err = o.token(ctx, admin, "Invoice ingest", "upload,read,process,admin"); err != nil {
		return err
	}
	for _, s := range staff {
		if _, err := o.portal.CLI(ctx, "user", "create", s.email, "--name", s.name); err != nil {
			return err
		}
		t, err := o.token(ctx, s.email, "desk", "upload,read")
		if err != nil {
			return err
		}
		o.tokens = append(o.tokens, t)
	}
	for _, r := range o.receivers.all {
		var made struct{ ID string }
		in := map[string]any{"name": r.name, "url": r.server.URL + "/", "event_types": r.events}
		if r.events == nil {
			in["event_types"] = []string{}
		}
		if err := o.ask(ctx, o.full, http.MethodPost, "/endpoints", in, &made); err != nil {
			return err
		}
		o.endpoints[r.name] = made.ID
	}
	return nil
}

func (o *office) token(ctx context.Context, user, name, scopes string) (string, error) {
	return o.portal.CLI(ctx, "token", "create", "--user", user, "--name", name, "--scopes", scopes)
}

// round is a while of use: files come in, alone or as a batch, others are
// marked processed, and every endpoint that takes what it is sent has it.
func (o *office) round(ctx context.Context, files int, batch bool) error {
	label := ""
	if batch {
		var made struct{ ID string }
		if err := o.ask(ctx, o.tokens[o.handed%len(o.tokens)], http.MethodPost, "/batches", map[string]string{"label": labels[o.handed%len(labels)]}, &made); err != nil {
			return err
		}
		label = made.ID
	}
	who := o.tokens[o.handed%len(o.tokens)]
	for range files {
		if err := o.handIn(ctx, who, label); err != nil {
			return err
		}
	}
	if label != "" {
		if err := o.ask(ctx, who, http.MethodPost, "/batches/"+label+"/finalise", nil, nil); err != nil {
			return err
		}
	}
	for len(o.files) > 12 {
		if err := o.ask(ctx, o.full, http.MethodPost, "/files/"+o.files[0]+"/processed", nil, nil); err != nil {
			return err
		}
		o.files = o.files[1:]
	}
	return o.settled(ctx)
}

// handIn hands in the next file; now and then it is not what its name says.
func (o *office) handIn(ctx context.Context, token, batch string) error {
	o.handed++
	name, content := document(o.handed, o.random)
	path := "/files/" + url.PathEscape(name)
	if batch != "" {
		path += "?batch=" + batch
	}
	var made struct{ ID string }
	err := o.send(ctx, token, http.MethodPut, path, bytes.NewReader(content), &made)
	var refused *refusal
	if errors.As(err, &refused) && refused.code == http.StatusUnsupportedMediaType {
		return nil
	}
	if err == nil {
		o.files = append(o.files, made.ID)
	}
	return err
}

// settled waits until nothing is due at the endpoints that are well.
func (o *office) settled(ctx context.Context) error {
	for _, r := range o.receivers.all {
		if r.fails.Load() != 0 {
			continue
		}
		for {
			var page struct {
				Items []struct {
					Next time.Time `json:"next_attempt_at"`
				} `json:"items"`
			}
			if err := o.ask(ctx, o.full, http.MethodGet, "/deliveries?status=pending&limit=100&endpoint="+o.endpoints[r.name], nil, &page); err != nil {
				return err
			}
			due := 0
			for _, d := range page.Items {
				if d.Next.Before(time.Now().Add(time.Second)) {
					due++
				}
			}
			if due == 0 {
				break
			}
			time.Sleep(30 * time.Millisecond)
		}
	}
	return nil
}

// replay sends the last days to the archive again, slowly enough to be seen.
func (o *office) replay(ctx context.Context) error {
	in := map[string]any{"from": time.Now().Add(-72 * time.Hour), "scope": "all", "per_second": 3, "event_types": []string{"file.stored"}}
	return o.ask(ctx, o.full, http.MethodPost, "/endpoints/"+o.endpoints["Archive mirror"]+"/replays", in, nil)
}

// refusal is an answer of the API that is none of the good ones.
type refusal struct {
	code int
	text string
}

func (r *refusal) Error() string { return r.text }

func (o *office) ask(ctx context.Context, token, method, path string, in, out any) error {
	if in == nil {
		return o.send(ctx, token, method, path, nil, out)
	}
	b, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return o.send(ctx, token, method, path, bytes.NewReader(b), out)
}

func (o *office) send(ctx context.Context, token, method, path string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, o.portal.URL+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode > 299 {
		return &refusal{res.StatusCode, fmt.Sprintf("%s %s answers %s: %s", method, path, res.Status, b)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(b, out)
}

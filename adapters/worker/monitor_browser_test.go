package worker_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"doorito/domain"
	"doorito/e2e/services"
)

func TestDashboardRendersUnderItsPolicyWithoutAComplaint(t *testing.T) {
	t.Parallel()
	r := embedded(t)
	serve(t, r, func(context.Context, domain.Task) (string, error) { return "relayed 12, delivered 31", nil }, quiet, time.Second)
	for _, task := range []domain.Task{domain.TaskRelay, domain.TaskDelivery, domain.TaskSweep} {
		enqueue(t, r, task)
	}
	in := inspect(t, r)
	waitFor(t, "the sweep", func() bool {
		done, _ := in.ListCompletedTasks("housekeeping")
		return len(done) == 1
	})
	d := open(t, r)
	browser := rod.New().ControlURL(services.Browser(t))
	if err := browser.Connect(); err != nil {
		t.Fatal(err)
	}
	var page *rod.Page
	for path, words := range map[string][]string{
		"/":                                     {"Back to Doorito", "relay", "delivery", "housekeeping"},
		"/queues/housekeeping?status=completed": {"Back to Doorito", "outbox.sweep", "relayed 12, delivered 31", "Relay, send and settle"},
		"/servers":                              {"Back to Doorito", "active", "relay"},
	} {
		// A page of its own each: one that leaves while it asks for figures complains.
		var err error
		if page, err = browser.Timeout(time.Minute).Page(proto.TargetCreateTarget{}); err != nil {
			t.Fatal(err)
		}
		complaints := listenForComplaints(page)
		if err := page.Navigate(d.url + path); err != nil {
			t.Fatal(err)
		}
		waitFor(t, fmt.Sprint(words, " on ", path), func() bool {
			body, err := page.Element("body")
			if err != nil {
				return false
			}
			text, err := body.Text()
			return err == nil && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
		})
		if got := complaints(); len(got) > 0 {
			t.Fatalf("the console says on %s: %q", path, got)
		}
	}
	back, err := page.Element("#doorito-back")
	if err != nil {
		t.Fatal(err)
	}
	if href, err := back.Attribute("href"); err != nil || *href != "/app/" {
		t.Fatal(href, err)
	}
	if err := back.Focus(); err != nil {
		t.Fatal(err)
	}
	// Interactable means: not covered by anything else on the page.
	if _, err := back.Interactable(); err != nil {
		t.Fatal(err)
	}
}

// listenForComplaints collects what the page's console shows as wrong.
func listenForComplaints(page *rod.Page) func() []string {
	var mu sync.Mutex
	var got []string
	add := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, s)
	}
	_ = proto.LogEnable{}.Call(page)
	wait := page.EachEvent(
		func(e *proto.LogEntryAdded) { add(e.Entry.Text + " " + e.Entry.URL) },
		func(e *proto.RuntimeExceptionThrown) { add(e.ExceptionDetails.Text) },
		func(e *proto.RuntimeConsoleAPICalled) {
			if e.Type == proto.RuntimeConsoleAPICalledTypeError {
				add(fmt.Sprint(e.Args))
			}
		},
	)
	go wait()
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(got)
	}
}

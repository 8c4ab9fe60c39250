package browser

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/go-rod/rod/lib/proto"
)

// complaints are what the browser said against a page.
type complaints struct {
	mu      sync.Mutex
	said    []string
	forgive []string
}

func (c *complaints) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said = append(c.said, fmt.Sprintf(format, args...))
}

// all returns what was said and not forgiven.
func (c *complaints) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.said), func(s string) bool {
		return slices.ContainsFunc(c.forgive, func(f string) bool { return strings.Contains(s, f) })
	})
}

// watch listens from now until the visit ends and fails the test for what it
// heard by then.
func (p *Page) watch() {
	r, stop := p.rod.WithCancel()
	listen := r.EachEvent(
		func(e *proto.RuntimeConsoleAPICalled) {
			if e.Type == proto.RuntimeConsoleAPICalledTypeError || e.Type == proto.RuntimeConsoleAPICalledTypeWarning {
				var words []string
				for _, a := range e.Args {
					words = append(words, a.Value.String()+a.Description)
				}
				p.heard.add("console %s: %s", e.Type, strings.Join(words, " "))
			}
		},
		func(e *proto.RuntimeExceptionThrown) {
			text := e.ExceptionDetails.Text
			if e.ExceptionDetails.Exception != nil {
				text += " " + e.ExceptionDetails.Exception.Description
			}
			p.heard.add("exception: %s", text)
		},
		// "Leave this page?" is answered with yes; any other dialog waits for its test.
		func(e *proto.PageJavascriptDialogOpening) {
			if e.Type == proto.PageDialogTypeBeforeunload {
				go func() { _ = proto.PageHandleJavaScriptDialog{Accept: true}.Call(p.rod) }()
			}
		},
		func(e *proto.LogEntryAdded) {
			if e.Entry.Level == proto.LogLogEntryLevelError || e.Entry.Level == proto.LogLogEntryLevelWarning {
				p.heard.add("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
			}
		},
	)
	ended := make(chan struct{})
	go func() { listen(); close(ended) }()
	p.tb.Cleanup(func() {
		stop()
		<-ended
		for _, s := range p.heard.all() {
			p.tb.Errorf("the browser complains: %s", s)
		}
	})
}

// Forgive says that complaints with this text are meant to happen, such as
// "status of 401" for a login that is to be refused.
func (p *Page) Forgive(text ...string) {
	p.heard.mu.Lock()
	defer p.heard.mu.Unlock()
	p.heard.forgive = append(p.heard.forgive, text...)
}

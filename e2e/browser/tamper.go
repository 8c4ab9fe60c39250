package browser

import (
	"net/http"

	"github.com/go-rod/rod/lib/proto"
)

// Fault is something between browser and portal that changes what passes.
type Fault struct {
	URL    string            // a pattern with * of the requests it meets
	Method string            // "" is any
	Body   []byte            // what arrives instead of the request's body; nil leaves it
	Header map[string]string // what an answer says instead
	Status int               // what an answer is instead, with an empty body; 0 leaves it
}

// Tamper puts a fault in the way until mend is called.
func (p *Page) Tamper(f Fault) (mend func()) {
	p.tb.Helper()
	stage := proto.FetchRequestStageRequest
	if f.Header != nil || f.Status != 0 {
		stage = proto.FetchRequestStageResponse
	}
	r, stop := p.rod.WithCancel()
	listen := r.EachEvent(func(e *proto.FetchRequestPaused) { _ = f.meet(p, e) }) // a page that has gone pauses nothing
	go listen()
	p.must(proto.FetchEnable{Patterns: []*proto.FetchRequestPattern{{URLPattern: f.URL, RequestStage: stage}}}.Call(p.rod), "get in the way")
	return func() {
		p.tb.Helper()
		p.must(proto.FetchDisable{}.Call(p.rod), "get out of the way")
		stop()
	}
}

func (f Fault) meet(p *Page, e *proto.FetchRequestPaused) error {
	meant := f.Method == "" || f.Method == e.Request.Method
	switch {
	case !meant:
		return proto.FetchContinueRequest{RequestID: e.RequestID}.Call(p.rod)
	case f.Status != 0:
		return proto.FetchFulfillRequest{RequestID: e.RequestID, ResponseCode: f.Status}.Call(p.rod)
	case f.Header != nil:
		answer := proto.FetchContinueResponse{RequestID: e.RequestID, ResponseCode: e.ResponseStatusCode}
		if e.ResponseStatusCode != nil {
			answer.ResponsePhrase = http.StatusText(*e.ResponseStatusCode)
		}
		for _, h := range e.ResponseHeaders {
			if _, ok := f.Header[h.Name]; !ok {
				answer.ResponseHeaders = append(answer.ResponseHeaders, h)
			}
		}
		for name, value := range f.Header {
			answer.ResponseHeaders = append(answer.ResponseHeaders, &proto.FetchHeaderEntry{Name: name, Value: value})
		}
		return answer.Call(p.rod)
	}
	return proto.FetchContinueRequest{RequestID: e.RequestID, PostData: f.Body}.Call(p.rod)
}

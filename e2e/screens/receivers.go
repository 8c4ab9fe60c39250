package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// receiver is one system downstream.
type receiver struct {
	name, shown string // shown is its address in the pictures
	events      []string
	server      *httptest.Server
	takes       time.Duration
	fails       atomic.Int32 // the status it answers with instead of 200
	every       int32        // each so many-th request fails, 0 for none
	seen        atomic.Int32
}

// receivers are those of the office; certificate is the file that makes the
// portal trust them.
type receivers struct {
	all         []*receiver
	certificate string
}

const sorry = "<html>\n<head><title>503 Service Temporarily Unavailable</title></head>\n<body>\n<center><h1>503 Service Temporarily Unavailable</h1></center>\n<hr><center>nginx/1.24.0</center>\n</body>\n</html>\n"

func newReceivers(dir string) (*receivers, error) {
	rs := &receivers{certificate: filepath.Join(dir, "receivers.pem"), all: []*receiver{
		{name: "Warehouse ERP", shown: "https://erp.halden.example/hooks/doorito", takes: 34 * time.Millisecond},
		{name: "Archive mirror", shown: "https://archive.halden.example/ingest", takes: 61 * time.Millisecond, every: 11},
		{name: "Customs gateway", shown: "https://customs.halden.example/v2/notify", events: []string{"file.stored"}, takes: 140 * time.Millisecond},
		{name: "Dispatch board", shown: "https://dispatch.halden.example/webhooks", events: []string{"file.processed", "batch.*"}, takes: 12 * time.Millisecond},
		{name: "Old ERP (Lund)", shown: "https://old-erp.lund.halden.example/in", takes: 90 * time.Millisecond},
	}}
	for _, r := range rs.all {
		r.server = httptest.NewTLSServer(http.HandlerFunc(r.answer))
	}
	cert := rs.all[0].server.Certificate()
	return rs, os.WriteFile(rs.certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), 0o600)
}

// answer takes a little longer each time, up to twice, and begins anew.
func (r *receiver) answer(w http.ResponseWriter, req *http.Request) {
	_, _ = io.Copy(io.Discard, req.Body) // a broken request needs no answer
	n := r.seen.Add(1)
	time.Sleep(r.takes + r.takes*time.Duration(n%7)/6)
	code := int(r.fails.Load())
	if code == 0 && r.every > 0 && n%r.every == 0 {
		code = http.StatusServiceUnavailable
	}
	switch code {
	case 0:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"accepted":true,"queue":"inbound","position":%d}`, n)
	case http.StatusServiceUnavailable:
		w.Header().Set("Server", "nginx/1.24.0")
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, sorry)
	default:
		w.WriteHeader(code)
	}
}

func (rs *receivers) close() {
	for _, r := range rs.all {
		r.server.CloseClientConnections()
		r.server.Close()
	}
}

func (rs *receivers) named(name string) *receiver {
	for _, r := range rs.all {
		if r.name == name {
			return r
		}
	}
	panic("no receiver is called " + name)
}

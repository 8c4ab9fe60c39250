package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"time"
)

// arrival is one request at the receiver.
type arrival struct {
	at      time.Time // when its headers were here
	eventID string
	header  http.Header
	body    []byte
}

// receive answers 204 at once on a port of its own and passes on what came.
func receive(on func(a arrival)) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := time.Now()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender went away and will come again
		}
		w.WriteHeader(http.StatusNoContent)
		on(arrival{at, r.Header.Get("Webhook-Id"), r.Header, body})
	}))
}

// stored is what a file.stored webhook says.
type stored struct {
	Timestamp time.Time `json:"timestamp"` // stored_at, taken just before the commit
	Data      struct {
		FileID string `json:"file_id"`
	} `json:"data"`
}

func (a arrival) stored() (s stored, err error) { return s, json.Unmarshal(a.body, &s) }

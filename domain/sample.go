package domain

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
)

// MaxSampleBytes bounds the data of a sample event.
const MaxSampleBytes = 64 << 10

// NewSample is an event of any type with data of the admin's making, for one
// endpoint alone; nothing happened. Invalid on fields type and data.
func NewSample(endpoint *Endpoint, t EventType, data []byte, fresh uuid.UUID, now time.Time) (*Event, error) {
	if !slices.Contains(EventTypes, t) {
		return nil, FieldErrorf("type", "%q is not an event type. Use %s.", t, joinTypes())
	}
	if len(data) > MaxSampleBytes {
		return nil, FieldErrorf("data", "The data has %d bytes; a sample takes at most %d.", len(data), MaxSampleBytes)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil || object == nil {
		return nil, FieldErrorf("data", "The data is not a JSON object. It looks like {\"file_id\": \"…\"}.")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, data); err != nil {
		return nil, WrapError(Internal, err, "The data cannot be written again.")
	}
	e := newEvent("endpoint", endpoint.ID, t, "sample:"+fresh.String(), json.RawMessage(compact.Bytes()), now)
	target := endpoint.ID
	e.TargetID = &target
	return e, nil
}

// SampleData is data for an event of this type to begin with, in the order of
// the real one's fields; made up.
func SampleData(t EventType, now time.Time) []byte {
	const id = "01990000-0000-7000-8000-000000000000"
	var data any
	switch t {
	case EventBatchCompleted:
		data = struct {
			BatchID string `json:"batch_id"`
			Label   string `json:"label"`
			Status  string `json:"status"`
			Files   int    `json:"files"`
			Stored  int    `json:"stored"`
			Failed  int    `json:"failed"`
			Bytes   int64  `json:"size_bytes"`
		}{id, "A sample", "complete", 3, 3, 0, 3 << 20}
	case EventEndpointFailing, EventEndpointDisabled:
		data = struct {
			EndpointID string `json:"endpoint_id"`
			Name       string `json:"name"`
			URL        string `json:"url"`
			Reason     string `json:"reason"`
		}{id, "A sample", "https://receiver.example/hook", "The endpoint answered 502 Bad Gateway."}
	default:
		data = struct {
			URL        string            `json:"url"`
			FileID     string            `json:"file_id"`
			Name       string            `json:"original_filename"`
			Type       string            `json:"content_type"`
			Size       int64             `json:"size_bytes"`
			SHA256     string            `json:"sha256"`
			BatchID    *string           `json:"batch_id"`
			UploadedBy string            `json:"uploaded_by"`
			Metadata   map[string]string `json:"metadata"`
			ExpiresAt  time.Time         `json:"expires_at"`
		}{"https://files.example/d/sample", id, "sample.pdf", "application/pdf", 12345, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", nil, "Ada Lovelace", map[string]string{"consignment": "4471"}, now.Add(24 * time.Hour).UTC().Truncate(time.Second)}
	}
	text, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		panic(err) // plain values
	}
	return text
}

package domain

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// AsksForBatch tells whether Matches needs Event.BatchLabel.
func (f Filter) AsksForBatch() bool { return f.BatchLabel != "" }

// Matches tells whether every condition holds for the event.
func (f Filter) Matches(ev *Event) bool {
	if f.IsEmpty() || ev.AggregateType == "endpoint" {
		return true
	}
	d := ev.facts()
	if len(f.ContentTypes) > 0 && !slices.ContainsFunc(f.ContentTypes, func(want string) bool { return matchesType(want, d.ContentType) }) {
		return false
	}
	if f.MinSize > 0 || f.MaxSize > 0 {
		if d.SizeBytes == nil || *d.SizeBytes < f.MinSize || f.MaxSize > 0 && *d.SizeBytes > f.MaxSize {
			return false
		}
	}
	if len(f.Uploaders) > 0 && !slices.ContainsFunc(f.Uploaders, func(want string) bool { return d.UploadedBy != nil && matchesWords(want, *d.UploadedBy) }) {
		return false
	}
	if f.BatchLabel != "" {
		label := ev.BatchLabel
		if d.Label != nil {
			label = *d.Label
		}
		if label == "" || !matchesWords(f.BatchLabel, label) {
			return false
		}
	}
	return !slices.ContainsFunc(f.Metadata, func(m MetadataRule) bool {
		got, ok := d.Metadata[m.Key]
		return !ok || !m.Any && got != m.Value
	})
}

// eventFacts is what filters look at, as far as the event has it.
type eventFacts struct {
	ContentType string            `json:"content_type"`
	SizeBytes   *int64            `json:"size_bytes"`
	UploadedBy  *string           `json:"uploaded_by"`
	BatchID     *uuid.UUID        `json:"batch_id"`
	Label       *string           `json:"label"`
	Metadata    map[string]string `json:"metadata"`
}

func (e *Event) facts() *eventFacts {
	if e.read == nil {
		var body struct {
			Data eventFacts `json:"data"`
		}
		// A payload of another form has no facts, so no condition holds.
		_ = json.Unmarshal(e.Payload, &body)
		e.read = &body.Data
	}
	return e.read
}

// FileBatch is the batch of the file that the event is about; nil for none.
func (e *Event) FileBatch() *uuid.UUID {
	if e.AggregateType != "file" {
		return nil
	}
	return e.facts().BatchID
}

func matchesType(want, got string) bool {
	got, _, _ = strings.Cut(strings.ToLower(got), ";")
	got = strings.TrimSpace(got)
	if family, ok := strings.CutSuffix(want, "*"); ok {
		return strings.HasPrefix(got, family)
	}
	return got == want
}

// matchesWords compares without regard to case; * stands for any characters.
func matchesWords(pattern, s string) bool {
	pattern, s = strings.ToLower(pattern), strings.ToLower(s)
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return s == pattern
	}
	s, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(s, part)
		if !found {
			return false
		}
		s = after
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}

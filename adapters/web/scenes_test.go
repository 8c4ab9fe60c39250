package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// noon is when every scene plays: Monday 23 November 2026.
var noon = time.Date(2026, 11, 23, 14, 32, 8, 0, time.UTC)

func emptyWorld() *world { return &world{now: noon} }

// fullWorld has rows in every state.
func fullWorld() *world {
	return worldOf([]string{
		"customs-declaration-4471.pdf", "cmr-waybills-2026-w47.zip", "gate-camera-07-2026-11-23.mp4", "invoice-run-november.csv",
		"pod-scan-88123.tiff", "temperature-log-reefer-19.parquet", "bill-of-lading-HLX-20931.pdf", "yard-survey-lidar.laz", "packing-list-0447-rev3.xlsx",
	}, []string{"Invoice ingest", "Archive mirror", "Customs gateway", "Warehouse ERP", "Old ERP (Lund)", "Dispatch board"}, "Yard and gate, week 47")
}

// longWorld has names of 255 bytes without a place to break.
func longWorld() *world {
	name := strings.Repeat("very-long-", 25) + ".docx"
	return worldOf([]string{name, strings.Repeat("W", 255), strings.Repeat("語", 85)}, []string{strings.Repeat("Endpoint", 15), strings.Repeat("x", 120)}, strings.Repeat("Label", 40))
}

// hostile is what somebody would name things to break a page.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>' style='color:red`

// hostileWorld tries to get markup into every page.
func hostileWorld() *world {
	w := worldOf([]string{hostile + ".pdf", "\u202egnp.exe.pdf", "مستند مهم جدا.pdf", "{{.CSRF}}.txt"}, []string{hostile, "javascript:alert(1)"}, hostile)
	for _, f := range w.files {
		f.ContentType, f.ErrorMessage, f.UploaderName = hostile, hostile, hostile
		f.Metadata = map[string]string{hostile: hostile}
	}
	for _, e := range w.endpoints {
		e.Endpoint.URL, e.Endpoint.DisabledReason = `https://x.example/"><script>`, hostile
	}
	for _, a := range w.attempts {
		a.ErrorText, a.ResponseBody = hostile, []byte(hostile)
		a.RequestHeaders, a.ResponseHeaders = http.Header{"X-Evil": {hostile}}, http.Header{hostile: {hostile}}
	}
	return w
}

func worldOf(names, endpoints []string, label string) *world {
	w := emptyWorld()
	for i := range 14 {
		w.files = append(w.files, fileOf(i, names[i%len(names)]))
	}
	w.files[0].Metadata = map[string]string{"consignment": "HLX-20931", "path": "scans/2026/week 47"}
	for i, st := range domain.BatchStatuses {
		b := &domain.Batch{ID: id(100 + i), Label: label, Status: st, CreatorName: "Jonas Lindqvist", CreatedBy: &priya.ID, CreatedAt: noon.Add(-time.Duration(i*7) * time.Minute)}
		b.Counts = domain.BatchCounts{Files: i * 30, Stored: i * 24, Failed: i * 2, Uploading: i * 4, Bytes: int64(i) * 3_210_000_000}
		b.Counts.Now = domain.FileStates{Stored: i * 14, Processed: i * 8, Deleted: i * 2, Failed: i * 2}
		if i > 1 {
			b.SealedAt = &noon
		}
		w.batches = append(w.batches, b)
	}
	w.batches[1].Label = ""
	for i, name := range endpoints {
		w.endpoints = append(w.endpoints, endpointOf(i, name))
	}
	w.addUnfinished()
	w.addDeliveries(names)
	for i, st := range domain.ReplayStatuses {
		ep := w.endpoints[i%len(w.endpoints)].Endpoint
		w.replays = append(w.replays, &domain.Replay{
			ID: id(800 + i), EndpointID: ep.ID, EndpointName: ep.Name, From: noon.Add(-48 * time.Hour), To: noon, EventTypes: []string{"file.*"}, Scope: domain.ReplayMissed,
			PerSecond: 20, Status: st, Total: 1_201, Seen: 400 * (i + 1), Queued: 311 * i, Reason: label, CreatedAt: noon.Add(-time.Hour), UpdatedAt: noon,
		})
	}
	w.addTokens(names)
	return w
}

func fileOf(i int, name string) *domain.File {
	at := noon.Add(-time.Duration(i*i+1) * 3 * time.Minute)
	f := domain.NewFile(id(i+1), name, &priya.ID, nil, at)
	f.UploaderName, f.ContentType, f.SizeBytes = "Priya Raman", "application/pdf", 2_410_338*int64(i+1)
	if i%3 == 1 {
		f.BatchID = ptr(id(100))
	}
	if i%5 == 2 {
		return f
	}
	if i%5 == 4 {
		f.Status, f.ErrorMessage, f.SizeBytes = domain.FileFailed, "This is a ZIP archive named .tiff, so it was refused. Rename it or send the scan itself.", 0
		return f
	}
	stored := at.Add(5400 * time.Millisecond)
	f.Status, f.StoredAt, f.SHA256 = domain.FileStored, &stored, strings.Repeat(fmt.Sprintf("%08x", 0x9f2c41d0+i*7919), 8)
	f.ExpiresAt = ptr(stored.Add(time.Duration(24-2*i) * time.Hour))
	if f.ExpiresAt.Before(noon) {
		f.ExpiresAt = ptr(noon.Add(40 * time.Minute))
	}
	switch i % 4 {
	case 2:
		f.Status, f.ProcessedAt = domain.FileProcessed, ptr(stored.Add(time.Minute))
	case 3:
		f.Status, f.DeletedAt, f.PurgedAt = domain.FileDeleted, ptr(stored.Add(time.Minute)), ptr(stored.Add(time.Minute))
	}
	return f
}

func endpointOf(i int, name string) usecase.EndpointHealth {
	e := &domain.Endpoint{
		ID: id(200 + i), Name: name, URL: fmt.Sprintf("https://receiver-%d.halden.example/hooks/doorito", i), Active: i != 4,
		CreatedAt: noon.AddDate(0, -i, 0), Secrets: []domain.EndpointSecret{{ID: id(300), Kind: domain.SecretHMAC, Hint: "MfKQ…LaSw", CreatedAt: noon.Add(-3 * time.Hour)}},
	}
	h := usecase.EndpointHealth{Endpoint: e, Health: ports.Health{Delivered: 4102, P50: 40 * time.Millisecond, P95: 118 * time.Millisecond}}
	switch i {
	case 0:
		e.EventTypes, e.LastSuccessAt = []string{"file.stored", "batch.completed"}, &noon
		keyed(e, name)
	case 2:
		e.FailingSince = ptr(noon.Add(-9 * time.Hour))
		h.Health = ports.Health{Delivered: 1903, Failed: 2874, Pending: 412, P50: 18 * time.Second, P95: 20 * time.Second}
	case 4:
		e.DisabledAt, e.DisabledReason, h.Health = ptr(noon.Add(-50*time.Hour)), "It answered 410 Gone.", ports.Health{}
		return h
	}
	for k := range 24 {
		hour := ports.AttemptHour{Hour: noon.Truncate(time.Hour).Add(-time.Duration(k) * time.Hour), OK: 80 + (k*37)%90, FirstTry: 70, P50: time.Duration(30+k) * time.Millisecond, P95: time.Duration(90+k*4) * time.Millisecond}
		if i == 2 && k < 9 {
			hour.OK, hour.Failed, hour.P50, hour.P95 = 0, 60+k*5, 18*time.Second, 20*time.Second
		}
		if i == 3 && k < 4 {
			hour.Failed = 20
		}
		h.Health.Hours = append(h.Health.Hours, hour)
	}
	return h
}

func (w *world) addDeliveries(names []string) {
	for i, t := range []domain.EventType{domain.EventFileStored, domain.EventFileProcessed, domain.EventFileExpiring, domain.EventBatchCompleted} {
		e := &domain.Event{ID: id(400 + i), AggregateType: "file", AggregateID: w.files[0].ID, Type: t, Status: domain.EventStatuses[i%3], IdempotencyKey: "key", CreatedAt: noon.Add(-time.Duration(i+1) * time.Minute), RelayedAt: &noon}
		e.Payload = fmt.Appendf(nil, `{"id":%q,"type":%q,"timestamp":"2026-11-23T13:50:11.204771Z","data":{"file_id":%q,"original_filename":%q,"size_bytes":2410338,"batch_id":null,"metadata":{}}}`, e.ID, t, e.AggregateID, names[0])
		if e.Status == domain.EventFailed {
			e.ErrorMessage = "502 Bad Gateway"
		}
		w.events = append(w.events, e)
	}
	classes := []domain.ErrorClass{domain.ErrTimeout, domain.ErrStatus, domain.ErrStatus, domain.ErrConnect}
	for i, class := range classes {
		a := &domain.Attempt{ID: id(600 + i), Number: len(classes) - i, StartedAt: noon.Add(-time.Duration(i*20+6) * time.Minute), URL: w.endpoints[0].Endpoint.URL, ErrorClass: class, ErrorText: "The receiver did not take it."}
		a.Phases = domain.Phases{DNS: 2 * time.Millisecond, Connect: 31 * time.Millisecond, TLS: 44 * time.Millisecond, FirstByte: time.Duration(510+i*300) * time.Millisecond, Total: time.Duration(620+i*300) * time.Millisecond}
		a.RequestHeaders = http.Header{"Content-Type": {"application/json"}, "Webhook-Id": {w.events[0].ID.String()}, "Webhook-Timestamp": {"1795442120"}, "Webhook-Signature": {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}}
		if class == domain.ErrStatus {
			a.StatusCode, a.ResponseHeaders, a.ResponseBody = 503, http.Header{"Server": {"nginx/1.24.0"}, "Content-Type": {"text/html"}}, []byte("<html>\n<head><title>503 Service Unavailable</title></head>\n</html>")
		}
		w.attempts = append(w.attempts, a)
	}
	for i := range 8 {
		d := &domain.Delivery{ID: id(500 + i), EventID: w.events[0].ID, EndpointID: w.endpoints[0].Endpoint.ID, EventType: domain.EventFileStored, Subject: names[i%len(names)], Status: domain.DeliveryStatuses[i%4], EndpointName: w.endpoints[i%len(w.endpoints)].Endpoint.Name, CreatedAt: noon.Add(-time.Duration(i) * time.Minute), NextAttemptAt: noon.Add(109 * time.Minute)}
		d.LastAttemptAt, d.Attempts, d.AttemptsMade = &w.attempts[0].StartedAt, 4, 4
		switch d.Status {
		case domain.DeliveryDelivered:
			d.LastStatusCode, d.Attempts, d.AttemptsMade = 200, 1, 1
		case domain.DeliveryCancelled:
			d.LastAttemptAt, d.Attempts, d.AttemptsMade = nil, 0, 0
		default:
			d.LastErrorClass, d.LastError = domain.ErrTimeout, "No answer within 20 s."
		}
		w.deliveries = append(w.deliveries, d)
	}
}

// addUnfinished leaves uploads in the middle: one in order, one that another
// window is sending, one in parts.
func (w *world) addUnfinished() {
	n := 0
	for _, f := range w.files {
		if f.Status != domain.FileUploading {
			continue
		}
		s := &domain.UploadSession{
			ID: id(700 + n), FileID: &f.ID, UserID: &priya.ID, Kind: domain.SessionWhole, Status: domain.SessionInProgress, Mode: domain.ModeSequential,
			TotalSize: ptr[int64](1_200_000_000), BytesReceived: 460_000_000, ExpiresAt: noon.Add(20 * time.Hour), CreatedAt: f.CreatedAt, UpdatedAt: noon.Add(-time.Hour),
		}
		switch f.Metadata = map[string]string{"path": "scans", "lastModified": "1795442120000"}; n {
		case 1:
			s.UpdatedAt = noon.Add(-2 * time.Second)
		case 2:
			s.Mode, s.ChunkSize, s.CompletedParts = domain.ModeParts, 10_000_000, 4
			for i, number := range []int{1, 2, 5, 90} {
				w.parts = append(w.parts, &domain.UploadPart{ID: id(750 + i), SessionID: s.ID, Number: number, Offset: int64(number-1) * s.ChunkSize, Size: s.ChunkSize, SHA256: strings.Repeat("ab", 32), CreatedAt: noon})
			}
		}
		w.sessions = append(w.sessions, s)
		n++
	}
}

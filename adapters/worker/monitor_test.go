package worker_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hibiken/asynq"

	"doorito/adapters/worker"
	"doorito/domain"
)

// dashboard is a Monitor behind HTTP.
type dashboard struct {
	t   *testing.T
	url string
}

func open(t *testing.T, r *worker.Redis) dashboard {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/admin/jobs/", closing(t, worker.NewMonitor("/admin/jobs", "/app/", r)))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return dashboard{t, s.URL + "/admin/jobs"}
}

func (d dashboard) do(method, path, body string, header ...string) (*http.Response, string) {
	d.t.Helper()
	req, err := http.NewRequest(method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return res, string(text)
}

// must sends what the dashboard's own script would and wants success.
func (d dashboard) must(method, path, body string) string {
	d.t.Helper()
	res, text := d.do(method, path, body, "Sec-Fetch-Site", "same-origin", "Content-Type", "application/json")
	if res.StatusCode/100 != 2 {
		d.t.Fatalf("%s %s: %s: %s", method, path, res.Status, text)
	}
	return text
}

func TestDashboardActionsWork(t *testing.T) {
	onPlaces(t, func(t *testing.T, r *worker.Redis) {
		d, in := open(t, r), inspect(t, r)
		for _, task := range []domain.Task{domain.TaskSweep, domain.TaskSessions, domain.TaskRelay} {
			enqueue(t, r, task)
		}
		var queues struct{ Queues []struct{ Queue string } }
		if err := json.Unmarshal([]byte(d.must("GET", "/api/queues", "")), &queues); err != nil || len(queues.Queues) != 2 {
			t.Fatal(queues, err)
		}
		d.must("POST", "/api/queues/relay:pause", "")
		if q, err := in.GetQueueInfo("relay"); err != nil || !q.Paused {
			t.Fatal(q, err)
		}
		d.must("POST", "/api/queues/relay:resume", "")
		if q, err := in.GetQueueInfo("relay"); err != nil || q.Paused {
			t.Fatal(q, err)
		}
		list := d.must("GET", "/api/queues/housekeeping/pending_tasks", "")
		if !strings.Contains(list, "outbox.sweep") || !strings.Contains(list, "settle what was left behind") {
			t.Fatal(list)
		}
		pending, err := in.ListPendingTasks("housekeeping")
		if err != nil || len(pending) != 2 {
			t.Fatal(pending, err)
		}
		d.must("POST", "/api/queues/housekeeping/pending_tasks/"+pending[0].ID+":archive", "")
		state(t, in, "housekeeping", pending[0].ID, asynq.TaskStateArchived)
		d.must("POST", "/api/queues/housekeeping/archived_tasks/"+pending[0].ID+":run", "")
		state(t, in, "housekeeping", pending[0].ID, asynq.TaskStatePending)
		d.must("DELETE", "/api/queues/housekeeping/pending_tasks/"+pending[1].ID, "")
		d.must("POST", "/api/queues/housekeeping/pending_tasks:batch_delete", `{"task_ids":["`+pending[0].ID+`"]}`)
		if q, err := in.GetQueueInfo("housekeeping"); err != nil || q.Size != 0 {
			t.Fatal(q, err)
		}
		// What was deleted by hand may be enqueued at once.
		enqueue(t, r, domain.TaskSweep)
		if got := waiting(t, r); len(got) != 2 {
			t.Fatal(got)
		}
		for _, path := range []string{"/api/servers", "/api/redis_info", "/api/queue_stats", "/api/scheduler_entries"} {
			if text := d.must("GET", path, ""); !json.Valid([]byte(text)) {
				t.Errorf("%s: %s", path, text)
			}
		}
	})
}

func state(t *testing.T, in *asynq.Inspector, queue, id string, want asynq.TaskState) {
	t.Helper()
	got, err := in.GetTaskInfo(queue, id)
	if err != nil || got.State != want {
		t.Fatal(got, err)
	}
}

func TestDashboardRefusesOtherSites(t *testing.T) {
	t.Parallel()
	r := embedded(t)
	d := open(t, r)
	enqueue(t, r, domain.TaskRelay)
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		if res, _ := d.do("POST", "/api/queues/relay:pause", "", header...); res.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %s", header, res.Status)
		}
		if res, _ := d.do("DELETE", "/api/queues/relay/pending_tasks:delete_all", "", header...); res.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %s", header, res.Status)
		}
	}
	if len(waiting(t, r)) != 1 {
		t.Fatal("a task is gone")
	}
}

func TestDashboardPage(t *testing.T) {
	t.Parallel()
	d := open(t, embedded(t))
	for path, kind := range map[string]string{
		"/": "text/html; charset=utf-8", "/queues/relay": "text/html; charset=utf-8", "/doorito.css": "text/css; charset=utf-8",
		"/static/media/logo-color.c2b0c1f3.svg": "image/svg+xml", "/manifest.json": "application/manifest+json",
		"/favicon-32x32.png": "image/png", "/api/queues": "application/json",
	} {
		res, text := d.do("GET", path, "")
		h := res.Header
		policy := h.Get("Content-Security-Policy")
		if res.StatusCode != http.StatusOK || h.Get("Content-Type") != kind || h.Get("X-Frame-Options") != "DENY" ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "http") {
			t.Errorf("%s: %s %v", path, res.Status, h)
		}
		if kind == "text/html; charset=utf-8" && (strings.Contains(text, "googleapis") || strings.Count(text, `href="/app/"`) != 1 || strings.Count(policy, "'sha256-") != 2) {
			t.Errorf("%s: %s\n%s", path, policy, text)
		}
	}
}

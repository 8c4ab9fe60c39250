package web_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestTheDashboardsSpanIsInItsAddress(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	for span, want := range map[string]string{"": "Seven days", "24h": "Last 24 hours", "7d": "Seven days", "30d": "Thirty days", "x": "Seven days"} {
		for _, who := range []string{adminSession, staffSession} {
			res := p.get(t, "/app/?span="+span, who)
			if res.StatusCode != 200 || !strings.Contains(res.body, "<h1>"+want+"</h1>") {
				t.Errorf("%q: %d, %.200s", span, res.StatusCode, res.body)
			}
			marked := map[string]string{"24h": "span-24h", "30d": "span-30d"}[span]
			if marked == "" {
				marked = "span-7d"
			}
			if n := strings.Count(res.body, `aria-current="true"`); n != 1 || !strings.Contains(res.body, `id="`+marked+`"`) {
				t.Errorf("%q marks %d tabs", span, n)
			}
			charts := map[string]int{adminSession: 7, staffSession: 3}[who]
			if n := strings.Count(res.body, `class="chart wide"`); n != charts {
				t.Errorf("%q has %d charts, want %d", span, n, charts)
			}
			if strings.Contains(res.body, "NaN") || strings.Contains(res.body, "Inf") {
				t.Errorf("%q draws what is no number", span)
			}
		}
	}
	body := p.get(t, "/app/?span=30d", staffSession).body
	if !strings.Contains(body, `href="/app/files/?status=failed&amp;created=30d"`) {
		t.Error("states do not lead to their files")
	}
	if n := strings.Count(body, `rx="1.5"`); n < 30 {
		t.Error(fmt.Sprint("30 days have ", n, " bars"))
	}
}

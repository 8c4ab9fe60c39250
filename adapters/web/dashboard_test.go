package web_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The hour that is going on may be one that has a name: it stands at the edge.
func TestTheLastWordOfAChartIsWhole(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	day := w.now.Truncate(24 * time.Hour)
	for _, hour := range []int{0, 1, 6, 12, 18, 23} {
		w.now = day.Add(time.Duration(hour)*time.Hour + 36*time.Minute)
		p := openPortal(t, w)
		for _, path := range []string{"/app/?span=24h", "/app/?span=7d", "/app/?span=30d", "/app/endpoints/" + w.endpoints[0].Endpoint.ID.String() + "/"} {
			for _, chart := range drawing.FindAllString(p.get(t, path, adminSession).body, -1) {
				var width, at float64
				if _, err := fmt.Sscanf(chart, `<svg class="chart wide" viewBox="0 0 %f`, &width); err != nil {
					t.Fatal(err)
				}
				names := nameSpot.FindAllStringSubmatch(chart, -1)
				if len(names) == 0 {
					t.Fatalf("%s has no names: %.200s", path, chart)
				}
				if _, err := fmt.Sscan(names[len(names)-1][1], &at); err != nil || at > width-24 {
					t.Errorf("%s at %d:36: the last name is in the middle of %v of %v, %v", path, hour, at, width, err)
				}
			}
		}
	}
}

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

var (
	drawing  = regexp.MustCompile(`(?s)<svg class="chart wide".*?</svg>`)
	ruler    = regexp.MustCompile(`text-anchor="end">([^<]*)<`)
	nameSpot = regexp.MustCompile(`<text(?: class="strong")? x="([\d.]+)" y="(?:144|172)" text-anchor="middle">`) // below the floor of either kind
)

// wordWidth is that of "25 Nov" where a chart is as wide as a phone.
const wordWidth = 56

func TestWordsOfAChartDifferAndStandApart(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*world{"empty": emptyWorld(), "full": fullWorld()} {
		p := openPortal(t, w)
		for _, span := range []string{"24h", "7d", "30d"} {
			for _, chart := range drawing.FindAllString(p.get(t, "/app/?span="+span, adminSession).body, -1) {
				seen := map[string]bool{}
				for _, m := range ruler.FindAllStringSubmatch(chart, -1) {
					if seen[m[1]] {
						t.Errorf("%s, %s: the scale says %q twice: %.200s", name, span, m[1], chart)
					}
					seen[m[1]] = true
				}
				last := -wordWidth
				for _, m := range nameSpot.FindAllStringSubmatch(chart, -1) {
					at, err := strconv.ParseFloat(m[1], 64)
					if err != nil || int(at)-last < wordWidth {
						t.Errorf("%s, %s: a name at %s runs into the one at %d: %.200s", name, span, m[1], last, chart)
					}
					last = int(at)
				}
			}
		}
	}
}

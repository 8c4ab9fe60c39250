package webhook

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"doorito/domain"
)

// fakeDNS runs a name server on loopback and returns a resolver that asks it.
// answer gives the IPv4 addresses of a name; none means there is no such name.
// A nil answer means that the server never answers.
func fakeDNS(tb testing.TB, answer func(name string) []string) *net.Resolver {
	tb.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = pc.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer != nil {
				_, _ = pc.WriteTo(reply(buf[:n], answer), from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}

// reply answers one question (RFC 1035, section 4): the query's id, its
// question repeated, and an A record for each address.
func reply(q []byte, answer func(string) []string) []byte {
	var labels []string
	i := 12
	for q[i] != 0 {
		labels = append(labels, string(q[i+1:i+1+int(q[i])]))
		i += 1 + int(q[i])
	}
	question := q[12 : i+5]
	addrs := answer(strings.ToLower(strings.Join(labels, ".")))
	flags := uint16(0x8180)
	if len(addrs) == 0 {
		flags |= 3 // NXDOMAIN
	}
	if binary.BigEndian.Uint16(q[i+1:]) != 1 { // no AAAA records
		addrs = nil
	}
	out := append([]byte{}, q[:2]...)
	out = binary.BigEndian.AppendUint16(out, flags)
	for _, n := range []int{1, len(addrs), 0, 0} {
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	out = append(out, question...)
	for _, a := range addrs {
		out = append(out, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		ip := netip.MustParseAddr(a).As4()
		out = append(out, ip[:]...)
	}
	return out
}

// mustWatch starts a server on addr that must not be reached unless wanted.
func mustWatch(tb testing.TB, addr string) (port string, hits *atomic.Int32) {
	tb.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	hits = &atomic.Int32{}
	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		_, _ = io.WriteString(w, r.Context().Value(http.LocalAddrContextKey).(net.Addr).String())
	})}}
	srv.Start()
	tb.Cleanup(srv.Close)
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port, hits
}

func TestNoSpellingOfAnInnerAddressIsReached(t *testing.T) {
	t.Parallel()
	port, hits := mustWatch(t, "127.0.0.1:0")
	// The name server reads numbers as getaddrinfo(3) does. Go itself refuses to
	// look up most of them, which is as good as blocked.
	dns := fakeDNS(t, func(string) []string { return []string{"127.0.0.1"} })
	s := mustSender(t, Config{AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}, Resolver: dns})
	for _, host := range []string{
		"127.0.0.1", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "0X7F000001", "2130706433", "0177.0.0.1", "017700000001", "0x7f.0.0.1",
		"0x7f.0x0.0x0.0x1", "127.0.0.01", "127.00.00.1", "127.0.0.1.", "127.0.0.1..", "localhost", "localhost.", "LOCALHOST", "LocalHost", "inner.example", "inner.example.", "0.0.0.0", "0",
		"127。0。0。1", "１２７.0.0.1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "lo%63alhost", "127.0.0.1%2e", "İNNER.example",
		"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]", "[::FFFF:7F00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]",
		"[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1%25lo]", "[::1%25lo]", "[::ffff:127.0.0.1%25lo]", "169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal",
	} {
		res := send(t, s, fmt.Sprintf("http://%s:%s/", host, port), patience)
		if !slices.Contains([]domain.ErrorClass{domain.ErrBlocked, domain.ErrDNS, domain.ErrInternal}, res.ErrorClass) {
			t.Errorf("%s: %s: %s", host, res.ErrorClass, res.ErrorText)
		}
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("reached %d times", n)
	}
}

// Of two loopback addresses one stands for the public internet (it is opened)
// and the other for the inside, so that no packet leaves the machine.
func TestNameThatChangesItsAnswer(t *testing.T) {
	t.Parallel()
	port, hits := mustWatch(t, "127.0.0.1:0")
	var asked atomic.Int32
	dns := fakeDNS(t, func(string) []string {
		if asked.Add(1) <= 2 { // A and AAAA of the first lookup
			return []string{"127.0.0.1"}
		}
		return []string{"127.0.0.2"}
	})
	s := mustSender(t, Config{AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Resolver: dns})
	url := "http://rebind.example:" + port
	if res := send(t, s, url, patience); res.StatusCode != 200 {
		t.Fatalf("the open address: %+v", res)
	}
	s.Close()
	res := send(t, s, url, patience)
	if res.ErrorClass != domain.ErrBlocked || !strings.Contains(res.ErrorText, "127.0.0.2 is in 127.0.0.0/8 (loopback)") {
		t.Errorf("the other address: %+v", res)
	}
	if hits.Load() != 1 {
		t.Errorf("%d requests", hits.Load())
	}
}

func TestNameWithAnOpenAndAnInnerAddress(t *testing.T) {
	t.Parallel()
	port, _ := mustWatch(t, "0.0.0.0:0")
	dns := fakeDNS(t, func(string) []string { return []string{"127.0.0.2", "127.0.0.1", "127.0.0.3"} })
	s := mustSender(t, Config{AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Resolver: dns})
	for range 5 {
		res := send(t, s, "http://both.example:"+port, patience)
		if !strings.HasPrefix(string(res.Body), "127.0.0.1:") {
			t.Fatalf("reached %q: %+v", res.Body, res)
		}
		s.Close()
	}
}

func TestUnknownName(t *testing.T) {
	t.Parallel()
	s := mustSender(t, Config{Resolver: fakeDNS(t, func(string) []string { return nil })})
	res := send(t, s, "https://nowhere.example/hook", patience)
	if res.ErrorClass != domain.ErrDNS || res.ErrorText != "There is no host named nowhere.example. Check the spelling and its DNS." {
		t.Errorf("%+v", res)
	}
}

func TestPortOutsideTheList(t *testing.T) {
	t.Parallel()
	port, hits := mustWatch(t, "127.0.0.1:0")
	s := mustSender(t, Config{AllowedPorts: []uint16{443}})
	for url, want := range map[string]domain.ErrorClass{
		"http://127.0.0.1:" + port:  domain.ErrBlocked,
		"http://127.0.0.1":          domain.ErrBlocked,
		"http://127.0.0.1:99999999": domain.ErrInternal,
	} {
		if res := send(t, s, url, patience); res.ErrorClass != want {
			t.Errorf("%s: %+v", url, res)
		}
	}
	if hits.Load() != 0 {
		t.Error("reached")
	}
}

// The rule that was broken is told, also for endpoints that are older than it.
func TestAddressesThatAreRefusedBeforeTheLookup(t *testing.T) {
	t.Parallel()
	port, hits := mustWatch(t, "127.0.0.1:0")
	for _, c := range []struct {
		url, text string
		class     domain.ErrorClass
		conf      Config
	}{
		{"http://127.0.0.1:" + port, "Only https:// addresses are allowed here (WEBHOOK_REQUIRE_HTTPS)", domain.ErrBlocked, Config{RequireHTTPS: true}},
		{"HTTP://127.0.0.1:" + port, "Only https:// addresses are allowed here (WEBHOOK_REQUIRE_HTTPS)", domain.ErrBlocked, Config{RequireHTTPS: true}},
		{"http://user:secret@127.0.0.1:" + port, "cannot be made", domain.ErrInternal, Config{}},
		{"http://public.example@127.0.0.1:" + port, "cannot be made", domain.ErrInternal, Config{}},
		{"http://127.0.0.1:" + port + "@public.example/", "cannot be made", domain.ErrInternal, Config{}},
		{"file:///etc/passwd", "cannot be made", domain.ErrInternal, Config{}},
		{"gopher://127.0.0.1:" + port, "cannot be made", domain.ErrInternal, Config{}},
		{"//127.0.0.1:" + port, "cannot be made", domain.ErrInternal, Config{}},
		// A port that is left empty is the one of the scheme.
		{"http://127.0.0.1:/", "Port 80 is not one that webhooks may use. Add it to WEBHOOK_ALLOWED_PORTS.", domain.ErrBlocked, Config{AllowedPorts: []uint16{443}}},
		{"https://[::1]:/", "Port 443 is not one that webhooks may use", domain.ErrBlocked, Config{AllowedPorts: []uint16{80}}},
		{"https://10.1.2.3/", "10.1.2.3 is in 10.0.0.0/8 (private network), which webhooks may not reach", domain.ErrBlocked, Config{RequireHTTPS: true}},
	} {
		res := send(t, mustSender(t, c.conf), c.url, patience)
		if res.ErrorClass != c.class || !strings.Contains(res.ErrorText, c.text) {
			t.Errorf("%s: %s: %s", c.url, res.ErrorClass, res.ErrorText)
		}
	}
	if hits.Load() != 0 {
		t.Error("reached")
	}
}

// A redirect inwards is an answer that is shown, not a place to go to.
func TestRedirectInwardsIsNotFollowed(t *testing.T) {
	t.Parallel()
	port, hits := mustWatch(t, "127.0.0.2:0")
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewServer(http.RedirectHandler("http://127.0.0.2:"+port+"/latest/meta-data/", status))
		defer srv.Close()
		res := send(t, mustSender(t, Config{}), srv.URL, patience)
		if res.StatusCode != status || res.ErrorClass != domain.ErrStatus || !strings.Contains(res.ErrorText, "Redirects are not followed") {
			t.Errorf("%d: %+v", status, res)
		}
	}
	if hits.Load() != 0 {
		t.Error("followed")
	}
}

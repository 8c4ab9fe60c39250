package webhook

import (
	"net/netip"
	"strings"
	"testing"
)

func TestGuardRefusesWhatIsNotPublic(t *testing.T) {
	t.Parallel()
	for addr, rule := range map[string]string{
		"0.0.0.0":                  "0.0.0.0/8 (this host)",
		"0.1.2.3":                  "0.0.0.0/8 (this host)",
		"10.0.0.8":                 "10.0.0.0/8 (private network)",
		"10.255.255.255":           "10.0.0.0/8 (private network)",
		"100.64.0.1":               "100.64.0.0/10 (carrier-grade NAT)",
		"100.127.255.255":          "100.64.0.0/10 (carrier-grade NAT)",
		"100.100.100.200":          "(cloud metadata)",
		"127.0.0.1":                "127.0.0.0/8 (loopback)",
		"127.255.255.254":          "127.0.0.0/8 (loopback)",
		"168.63.129.16":            "(cloud platform services)",
		"169.254.0.1":              "169.254.0.0/16 (link-local)",
		"169.254.169.254":          "169.254.169.254/32 (cloud metadata)",
		"172.16.0.1":               "172.16.0.0/12 (private network)",
		"172.31.255.255":           "172.16.0.0/12 (private network)",
		"192.0.0.8":                "192.0.0.0/24 (IETF protocol assignments)",
		"192.0.2.1":                "192.0.2.0/24 (documentation)",
		"192.88.99.1":              "192.88.99.0/24 (6to4 relay)",
		"192.168.1.1":              "192.168.0.0/16 (private network)",
		"198.18.0.1":               "198.18.0.0/15 (benchmarking)",
		"198.19.255.255":           "198.18.0.0/15 (benchmarking)",
		"198.51.100.7":             "198.51.100.0/24 (documentation)",
		"203.0.113.7":              "203.0.113.0/24 (documentation)",
		"224.0.0.1":                "224.0.0.0/4 (multicast)",
		"239.255.255.250":          "224.0.0.0/4 (multicast)",
		"240.0.0.1":                "240.0.0.0/4 (reserved)",
		"255.255.255.255":          "255.255.255.255/32 (broadcast)",
		"::":                       "::/128 (this host)",
		"::1":                      "::1/128 (loopback)",
		"::7f00:1":                 "::/96 (IPv4-compatible)",
		"::ffff:127.0.0.1":         "127.0.0.0/8 (loopback)",
		"::ffff:a9fe:a9fe":         "169.254.169.254/32 (cloud metadata)",
		"::ffff:0:127.0.0.1":       "(IPv4-translated)",
		"64:ff9b::7f00:1":          "leads to 127.0.0.1, which is in 127.0.0.0/8",
		"64:ff9b::a9fe:a9fe":       "leads to 169.254.169.254, which is in",
		"64:ff9b:1::1":             "64:ff9b:1::/48 (local NAT64)",
		"64:ff9b:1:808:8:800::":    "64:ff9b:1::/48 (local NAT64)",
		"64:ff9b:2::1":             "outside 2000::/3",
		"100::1":                   "100::/64 (discard)",
		"100:0:0:1::1":             "(dummy)",
		"2001::1":                  "2001::/32 (Teredo)",
		"2001:0:7f00:1::":          "2001::/32 (Teredo)",
		"2001:2::1":                "2001:2::/48 (benchmarking)",
		"2001:10::1":               "(ORCHID)",
		"2001:20::1":               "(ORCHIDv2)",
		"2001:1::1":                "2001::/23 (IETF protocol assignments)",
		"2001:db8::1":              "2001:db8::/32 (documentation)",
		"2002:7f00:1::1":           "leads to 127.0.0.1, which is in 127.0.0.0/8",
		"2002:a00:8::":             "leads to 10.0.0.8, which is in 10.0.0.0/8",
		"3fff::1":                  "3fff::/20 (documentation)",
		"3fff:fff::1":              "3fff::/20 (documentation)",
		"4000::1":                  "outside 2000::/3",
		"5f00::1":                  "5f00::/16 (segment routing)",
		"fc00::1":                  "fc00::/7 (private network)",
		"fd00:ec2::254":            "fd00:ec2::254/128 (cloud metadata)",
		"fdff:ffff::1":             "fc00::/7 (private network)",
		"fe80::1":                  "fe80::/10 (link-local)",
		"fe80::1%eth0":             "has a zone",
		"2606:4700:4700::1111%lo0": "has a zone",
		"fec0::1":                  "fec0::/10 (site-local)",
		"ff02::1":                  "ff00::/8 (multicast)",
	} {
		err := NewGuard(nil, nil).Check(netip.MustParseAddr(addr))
		if err == nil {
			t.Errorf("%s is allowed", addr)
		} else if !strings.Contains(err.Error(), rule) {
			t.Errorf("%s: %q does not name %q", addr, err, rule)
		}
	}
	if NewGuard(nil, nil).Check(netip.Addr{}) == nil {
		t.Error("no address at all is allowed")
	}
}

func TestGuardAllowsThePublicInternet(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
		"192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::808:808",
		"2002:808:808::1", "2001:200::1", "2001:4860:4860::8888", "2606:4700:4700::1111", "3ffe::1",
	} {
		if err := NewGuard(nil, nil).Check(netip.MustParseAddr(addr)); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestGuardOpensExactlyTheGivenNetworks(t *testing.T) {
	t.Parallel()
	g := NewGuard([]netip.Prefix{
		netip.MustParsePrefix("10.1.2.3/16"), netip.MustParsePrefix("::ffff:192.168.5.0/120"), netip.MustParsePrefix("fd12::/16"),
	}, nil)
	for addr, want := range map[string]bool{
		"10.1.0.1": true, "10.1.255.255": true, "10.2.0.1": false, "10.0.255.255": false,
		"192.168.5.9": true, "192.168.6.9": false, "::ffff:10.1.0.1": true, "::ffff:10.2.0.1": false,
		"64:ff9b::a01:1": true, "64:ff9b::a02:1": false,
		"fd12::1": true, "fd13::1": false, "fd12::1%eth0": false, "127.0.0.1": false, "8.8.8.8": true,
	} {
		if err := g.Check(netip.MustParseAddr(addr)); (err == nil) != want {
			t.Errorf("%s: allowed %t, want %t (%v)", addr, err == nil, want, err)
		}
	}
}

func TestGuardPorts(t *testing.T) {
	t.Parallel()
	g := NewGuard(nil, []uint16{443, 8443})
	for port, want := range map[uint16]bool{443: true, 8443: true, 80: false, 22: false, 0: false} {
		if err := g.CheckPort(port); (err == nil) != want {
			t.Errorf("port %d: allowed %t, want %t", port, err == nil, want)
		}
	}
	if err := NewGuard(nil, nil).CheckPort(22); err != nil {
		t.Errorf("no list means all ports: %v", err)
	}
	if err := g.control(t.Context(), "tcp", "8.8.8.8:25", nil); err == nil {
		t.Error("the port is not checked at dial time")
	}
	if err := g.control(t.Context(), "tcp", "what is this", nil); err == nil {
		t.Error("an address that cannot be read is dialled")
	}
}

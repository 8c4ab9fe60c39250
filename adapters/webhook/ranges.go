package webhook

import "net/netip"

// blockedRange is a network that webhooks may not reach unless a setting opens
// it, with the words for why.
type blockedRange struct {
	net netip.Prefix
	why string
}

// blocked holds the special-purpose registries of IANA (RFC 6890 and its
// updates) as far as they are not globally reachable, with the more specific
// networks first, so that the words fit best.
var blocked = []blockedRange{
	{prefix("169.254.169.254/32"), "cloud metadata"},
	{prefix("168.63.129.16/32"), "cloud platform services"},
	{prefix("100.100.100.200/32"), "cloud metadata"},
	{prefix("fd00:ec2::254/128"), "cloud metadata"},

	{prefix("0.0.0.0/8"), "this host"},                    // RFC 791, section 3.2
	{prefix("10.0.0.0/8"), "private network"},             // RFC 1918
	{prefix("100.64.0.0/10"), "carrier-grade NAT"},        // RFC 6598
	{prefix("127.0.0.0/8"), "loopback"},                   // RFC 1122, section 3.2.1.3
	{prefix("169.254.0.0/16"), "link-local"},              // RFC 3927
	{prefix("172.16.0.0/12"), "private network"},          // RFC 1918
	{prefix("192.0.0.0/24"), "IETF protocol assignments"}, // RFC 6890
	{prefix("192.0.2.0/24"), "documentation"},             // RFC 5737
	{prefix("192.88.99.0/24"), "6to4 relay"},              // RFC 7526
	{prefix("192.168.0.0/16"), "private network"},         // RFC 1918
	{prefix("198.18.0.0/15"), "benchmarking"},             // RFC 2544
	{prefix("198.51.100.0/24"), "documentation"},          // RFC 5737
	{prefix("203.0.113.0/24"), "documentation"},           // RFC 5737
	{prefix("224.0.0.0/4"), "multicast"},                  // RFC 1112
	{prefix("255.255.255.255/32"), "broadcast"},           // RFC 919
	{prefix("240.0.0.0/4"), "reserved"},                   // RFC 1112
	{prefix("::1/128"), "loopback"},                       // RFC 4291
	{prefix("::/128"), "this host"},                       // RFC 4291
	{prefix("::/96"), "IPv4-compatible"},                  // RFC 4291, section 2.5.5.1
	{prefix("::ffff:0:0:0/96"), "IPv4-translated"},        // RFC 2765
	{prefix("64:ff9b:1::/48"), "local NAT64"},             // RFC 8215
	{prefix("100::/64"), "discard"},                       // RFC 6666
	{prefix("100:0:0:1::/64"), "dummy"},                   // RFC 9780
	{prefix("2001::/32"), "Teredo"},                       // RFC 4380
	{prefix("2001:2::/48"), "benchmarking"},               // RFC 5180
	{prefix("2001:10::/28"), "ORCHID"},                    // RFC 4843
	{prefix("2001:20::/28"), "ORCHIDv2"},                  // RFC 7343
	{prefix("2001::/23"), "IETF protocol assignments"},    // RFC 2928
	{prefix("2001:db8::/32"), "documentation"},            // RFC 3849
	{prefix("3fff::/20"), "documentation"},                // RFC 9637
	{prefix("5f00::/16"), "segment routing"},              // RFC 9602
	{prefix("fc00::/7"), "private network"},               // RFC 4193
	{prefix("fe80::/10"), "link-local"},                   // RFC 4291
	{prefix("fec0::/10"), "site-local"},                   // RFC 3879
	{prefix("ff00::/8"), "multicast"},                     // RFC 4291
}

var (
	nat64      = prefix("64:ff9b::/96") // RFC 6052, section 2.1
	sixToFour  = prefix("2002::/16")    // RFC 3056
	globalIPv6 = prefix("2000::/3")     // RFC 4291, section 2.4: all that is handed out
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// inner returns the IPv4 address to which a router would pass what is sent to
// a, for the forms of address that carry one.
func inner(a netip.Addr) (netip.Addr, bool) {
	b := a.As16()
	switch {
	case nat64.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case sixToFour.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}

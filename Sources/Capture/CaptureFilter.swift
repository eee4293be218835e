import CPcap

/// libpcap's filter language (pcap-filter(7)), looked at before a handle is there.
package enum CaptureFilter {
  /// Why a filter cannot be used on Ethernet, half a sentence; nil when it can.
  package static func fault(in filter: String) -> String? {
    if let fault = faultBeforeCompiling(filter) { return fault }
    guard let handle = unsafe pcap_open_dead(DLT_EN10MB, Int32(Limits.frameBytes)) else { return "no memory is left" }
    defer { unsafe pcap_close(handle) }
    var program = unsafe bpf_program()
    guard unsafe pcap_compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
      return unsafe String(cString: pcap_geterr(handle))
    }
    unsafe pcap_freecode(&program)
    return nil
  }

  /// What libpcap must not even be asked to compile: it would read a part of it only, or ask DNS.
  static func faultBeforeCompiling(_ filter: String) -> String? {
    if filter.utf8.contains(0) { return "it holds a null character" }
    return hostName(in: filter).map {
      "\"\($0)\" would have to be looked up in DNS, and the sensor asks nobody: write addresses"
    }
  }

  /// The first word that libpcap would take for the name of a host or a network. Names of ports and protocols stand in files.
  ///
  /// `and` and `or` carry a qualifier on: `host 10.0.0.1 or pool.example`.
  private static func hostName(in filter: String) -> Substring? {
    var isAfterHost = false
    for word in filter.split(whereSeparator: { !$0.isLetter && !$0.isNumber && !"._-:".contains($0) }) {
      if beforeHosts.contains(word) {
        isAfterHost = true
      } else if isAfterHost, !["and", "or", "not"].contains(word) {
        if keywords.contains(word) { isAfterHost = false } else if !isAddress(word) { return word }
      }
    }
    return nil
  }

  /// An address of either family, of Ethernet, or a network: digits and dots, or with colons. libpcap judges the rest.
  private static func isAddress(_ word: Substring) -> Bool {
    word.contains(":") ? word.allSatisfy { $0.isHexDigit || ":.".contains($0) } : !word.contains(where: \.isLetter)
  }

  private static let beforeHosts: Set<Substring> = ["src", "dst", "host", "net", "gateway"]

  /// Words of pcap-filter(7) that may begin another term, of those that Ethernet knows.
  private static let keywords: Set<Substring> = [
    "port", "portrange", "proto", "protochain", "less", "greater", "len", "length", "byte", "broadcast", "multicast",
    "mask",
    "inbound", "outbound", "ifindex", "vlan", "mpls", "pppoed", "pppoes", "geneve", "ether", "fddi", "tr", "wlan",
    "link",
    "ip", "ip6", "arp", "rarp", "atalk", "aarp", "decnet", "lat", "sca", "moprc", "mopdl", "iso", "esis", "es-is",
    "isis",
    "is-is", "clnp", "stp", "ipx", "netbeui", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "igrp", "pim", "vrrp",
    "carp",
    "ah", "esp", "llc",
  ]
}

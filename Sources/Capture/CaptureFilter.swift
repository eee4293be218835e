import CPcap

/// libpcap's filter language (pcap-filter(7)), looked at before a handle is there.
package enum CaptureFilter {
  /// Why a filter cannot be used on Ethernet, half a sentence; nil when it can.
  package static func fault(in filter: String) -> String? {
    guard let handle = unsafe pcap_open_dead(DLT_EN10MB, Int32(Limits.frameBytes)) else { return "no memory is left" }
    defer { unsafe pcap_close(handle) }
    var program = unsafe bpf_program()
    let fault = unsafe compile(filter, for: handle, into: &program)
    if fault == nil { unsafe pcap_freecode(&program) }
    return fault
  }

  /// Compiles a filter; whoever asked frees the program.
  ///
  /// What libpcap would read a part of only, or ask DNS for, it is not even asked to compile.
  ///
  /// - Returns: why it cannot be used; nil when `program` is it.
  @unsafe
  static func compile(_ filter: String, for handle: OpaquePointer, into program: inout bpf_program) -> String? {
    if filter.utf8.contains(0) { return "it holds a null character" }
    if let name = hostName(in: filter) {
      return "\"\(name)\" would have to be looked up in DNS, and the sensor asks nobody: write addresses"
    }
    guard unsafe pcap_compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
      return unsafe String(cString: pcap_geterr(handle))
    }
    return nil
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
    "port", "portrange", "proto", "protochain", "less", "greater", "len", "length", "byte", "broadcast",
    "multicast", "mask", "inbound", "outbound", "ifindex", "vlan", "mpls", "pppoed", "pppoes", "geneve",
    "ether", "fddi", "tr", "wlan", "link", "ip", "ip6", "arp", "rarp", "atalk", "aarp", "decnet", "lat", "sca",
    "moprc", "mopdl", "iso", "esis", "es-is", "isis", "is-is", "clnp", "stp", "ipx", "netbeui", "tcp", "udp",
    "sctp", "icmp", "icmp6", "igmp", "igrp", "pim", "vrrp", "carp", "ah", "esp", "llc",
  ]
}

import CPcap

extension LinkType {
  /// - Parameter number: a DLT_ number, as libpcap's calls give it. It is the LINKTYPE_ number but for raw IP, which is
  ///   12 or, on OpenBSD, 14 (pcap/dlt.h).
  init(dataLink number: Int32) {
    self = number == DLT_RAW ? .raw : LinkType(rawValue: number)
  }

  /// libpcap's name for a DLT_ number, such as `IEEE802_11`.
  static func name(dataLink number: Int32) -> String {
    guard let name = unsafe pcap_datalink_val_to_name(number) else { return "unknown" }
    return unsafe String(cString: name)
  }
}

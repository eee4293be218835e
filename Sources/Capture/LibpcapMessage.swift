import CPcap
import Glibc

/// The buffer in which libpcap's opening calls leave their message.
struct LibpcapMessage {
  /// Handed to libpcap, which writes a terminated text of at most this size.
  var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))

  var text: String {
    String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// The system's words for an error number.
func systemMessage(_ number: Int32) -> String {
  unsafe String(cString: strerror(number))
}

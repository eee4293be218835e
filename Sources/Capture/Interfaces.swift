import CPcap
import Glibc

/// The network interfaces of this machine, or of the network namespace that the process is in.
package enum Interfaces {
  /// What libpcap can open and Linux calls an interface, as a person may name it in a configuration; empty when the
  /// system gives no list. libpcap also knows buses (USB, Bluetooth) and queues (nflog): these are left out.
  package static var available: [String] {
    var message = LibpcapMessage()
    var first: UnsafeMutablePointer<pcap_if_t>?
    guard unsafe pcap_findalldevs(&first, &message.buffer) == 0 else { return [] }
    defer { unsafe pcap_freealldevs(first) }

    var names: [String] = []
    var next = unsafe first
    while let interface = unsafe next {
      let name = unsafe String(cString: interface.pointee.name)
      if name == "any" || exists(name) { names.append(name) }
      unsafe next = interface.pointee.next
    }
    return names
  }

  /// Whether an interface has this name now.
  package static func exists(_ name: String) -> Bool {
    unsafe if_nametoindex(name) != 0
  }

  /// Whether frames can arrive on an interface.
  package enum State: Equatable, Sendable {
    /// Up, and the cable is in.
    case running
    /// Up, but the other end of the cable is missing or down.
    case noCarrier
    /// Switched off here.
    case down
    /// No interface has the name.
    case absent
  }

  /// How an interface stands now. libpcap reports neither a link that goes down nor a cable pulled out: an interface that
  /// falls silent must be asked.
  package static func state(of name: String) -> State {
    guard exists(name), let flags = SystemFile.text("/sys/class/net/\(name)/flags") else { return .absent }
    guard let bits = Int32(flags.dropFirst(2), radix: 16), bits & Int32(IFF_UP) != 0 else { return .down }
    // The file cannot be read while the interface is down, which it may have become since.
    guard let carrier = SystemFile.text("/sys/class/net/\(name)/carrier") else { return .down }
    return carrier == "0" ? .noCarrier : .running
  }
}

package import Decode

/// What an ARP packet means (RFC 826, RFC 5227).
extension ARPHeader {
  package static let request: UInt16 = 1
  package static let reply: UInt16 = 2

  /// Asks whether an address is free before it is taken: the sender claims nothing yet (RFC 5227 §1.1, §2.1.1).
  package var isProbe: Bool {
    operation == Self.request && senderAddress.isUnspecified
  }
}

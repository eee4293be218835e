/// Tells NTP by its first byte and its length, with port 123 on one side: the shape alone is too common.
enum NTP {
  static let port: UInt16 = 123

  static func probe(_ bytes: FirstBytes) -> Probe {
    guard bytes.openerPort == port || bytes.answererPort == port else { return .reject }
    guard let packet = NTPPacket(bytes.opening, claimedLength: bytes.firstFlight) else { return .reject }
    switch packet.mode {
    case 3: return .match(opener: .client)
    case 4: return .match(opener: .server)
    default: return .match(opener: nil)
    }
  }
}

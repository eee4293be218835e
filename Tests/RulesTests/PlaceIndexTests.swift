import Capture
import Decode
import Protocols
import Testing

@testable import Rules

/// Where a table's rows are looked for, under secrets that are drawn anew for each table.
struct PlaceIndexTests {
  /// Places of 1,024 that a site's keys, which count up, are looked for at.
  private static func places<Key: PlaceKey>(_ key: (UInt64) -> Key) -> Int {
    let secrets = PlaceSecrets()
    var isTaken = [Bool](repeating: false, count: 1_024)
    for number in 0..<512 as Range<UInt64> { isTaken[Int(key(number).spread(secrets) & 1_023)] = true }
    return isTaken.count { $0 }
  }

  /// One table in a hundred, had its hash no second folding, put a site's rows behind ten others, and one in a thousand behind
  /// hundreds.
  @Test func `no table lets what counts up fall together`() {
    for _ in 0..<1_000 {
      let places = [
        Self.places { $0 },
        Self.places { MACAddress(rawValue: 0x0200_0000_0000 | $0) },
        Self.places { IPAddress(v4: 0x0a14_0000 | UInt32($0)) },
        Self.places { IPAddress(high: 0x2001_0db8 << 32, low: 1 + $0) },
        Self.places { ServerAddress(Endpoint(address: IPAddress(v4: 0xcb00_7109), port: 1_024 + UInt16($0))) },
        Self.places { "acme.r\($0 / 64)-u\($0 % 64)" },
      ]
      // 512 keys take 403 by chance, with a standard deviation of 8.
      #expect(places.allSatisfy { $0 >= 350 }, "\(places)")
      guard places.allSatisfy({ $0 >= 350 }) else { return }
    }
  }
}

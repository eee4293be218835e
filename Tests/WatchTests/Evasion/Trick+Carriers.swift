import Simulator

extension Trick {
  static let carriers: [Trick] =
    [
      carrying("VLAN", "with one tag, and with one that names no VLAN", [.tagged(10), .tagged(0)]),
      carrying(
        "QinQ", "with two, three and eight tags",
        [.tagged(100, 10), .tagged(1, 2, 3), .tagged(1, 2, 3, 4, 5, 6, 7, 8)]),
      Trick(name: "tags that change", summary: "every other segment with a tag that names no VLAN") { kind in
        [changingTags(Script(Attack.make(kind))) { index, _ in index % 2 == 0 ? .tagged(0) : .plain }]
      },
      Trick(name: "two VLANs", summary: "each direction in a VLAN of its own, as some mirrors show them") { kind in
        [changingTags(Script(Attack.make(kind))) { _, isFromClient in isFromClient ? .tagged(10) : .tagged(20) }]
      },
      carrying("PPPoE and MPLS", "behind a carrier's headers", [pppoe, mpls]),
      carrying("IP options", "forty bytes of them", [.withOptions]),
      carrying("padding", "harmless bytes behind the IP packet's end", [.padded(Array(repeating: 120, count: 40))]),
      carrying("IPv6", "the same between IPv6 addresses", overIPv6: true, [.plain]),
      carrying(
        "extension headers", "hop-by-hop, routing, destination options, 10 and 60 of them, an atomic fragment",
        overIPv6: true, extensionHeaders),
    ] + fragmentation

  private static func changingTags(_ script: Script, _ carriage: (Int, Bool) -> Carriage) -> Script {
    var script = script.changingAttack { script.attack.isDatagram ? [$0] : $0.pieces(of: 8) }
    for index in script.segments.indices {
      script.segments[index].carriage = carriage(index, script.segments[index].isFromClient)
    }
    return script
  }

  private static let pppoe = Carriage.wrapped(type: 0x8864) { length in
    var bytes: [UInt8] = [0x11, 0, 0, 1]
    bytes.append16(UInt16(clamping: length + 2))
    bytes.append16(0x0021)
    return bytes
  }

  private static let mpls = Carriage.wrapped(type: 0x8847) { _ in [0, 0, 0x10, 64, 0, 0, 0x11, 64] }

  /// Most of eight bytes with nothing in them but padding.
  private static let extensionHeaders: [Carriage] = {
    let (hopByHop, routing, options) = (Header(0), Header(43), Header(60))
    let long = Header(60, [0, 31] + [UInt8](repeating: 0, count: 254))
    let atomic = Header(44, [0, 0, 0, 0, 0, 0, 0, 9])
    return [
      .extended([hopByHop]), .extended([routing]), .extended([options]), .extended([hopByHop, routing, long]),
      .extended([Header](repeating: options, count: 10)), .extended([Header](repeating: options, count: 60)),
      .extended([atomic]), .extended([options, atomic, options]),
    ]
  }()

  private typealias Header = Carriage.ExtensionHeader
}

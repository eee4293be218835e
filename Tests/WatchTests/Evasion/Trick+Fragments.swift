import Simulator

extension Trick {
  static let fragmentation: [Trick] = [
    fragmenting("fragments", "pieces of 8, 24 and 64 bytes") { pieces, _ in pieces },
    fragmenting("fragments reversed", "the last first, and each twice") { pieces, _ in
      pieces.reversed().flatMap { [$0, $0] }
    },
    fragmenting("overlapping fragments, alike", "each reaches into the next") { pieces, bytes in
      pieces.map { piece in
        Carriage.Piece(bytes, piece.offset..<min(bytes.count, piece.offset + piece.bytes.count + 8))
      }
    },
    fragmenting("decoy fragment first", "a harmless piece, then the true one in its place") { pieces, _ in
      pieces.flatMap { $0.moreFollow ? [$0.masked, $0] : [$0] }
    },
    fragmenting("decoy fragment that dies", "the same, and its TTL ends before the receiver") { pieces, _ in
      pieces.flatMap { piece -> [Carriage.Piece] in
        var decoy = piece.masked
        decoy.hopLimit = 1
        return piece.moreFollow ? [decoy, piece] : [piece]
      }
    },
    fragmenting("decoy fragment behind", "the true piece, then a harmless one in its place") { pieces, _ in
      pieces.flatMap { $0.moreFollow ? [$0, $0.masked] : [$0] }
    },
    fragmenting("two ends", "a last fragment that ends too early, then the true ones") { pieces, bytes in
      guard let last = pieces.last else { return [] }
      var early = last
      early.offset = max(0, last.offset - (pieces.first?.bytes.count ?? 0))
      early.bytes = Array(bytes[early.offset..<early.offset + last.bytes.count])
      return [early] + pieces
    },
    fragmenting("fragment without its start", "the last fragments, a pause, and then the whole in one piece") {
      pieces, bytes in pieces.dropFirst() + [Carriage.Piece(bytes, 0..<bytes.count)]
    },
  ]

  /// Over IPv4 and IPv6, in pieces of 8, 24 and 64 bytes.
  private static func fragmenting(
    _ name: String, _ summary: String, _ change: @escaping @Sendable ([Carriage.Piece], [UInt8]) -> [Carriage.Piece]
  ) -> Trick {
    Trick(name: name, summary: summary) { kind in
      [8, 24, 64].flatMap { size -> [Script] in
        let carriage = Carriage.fragments { bytes in
          change(Carriage.ranges(bytes, size).map { Carriage.Piece(bytes, $0) }, bytes)
        }
        let attack = Attack.make(kind)
        return [attack, attack.overIPv6].map { attack in
          Script(attack).changingAttack { [$0.with { $0.carriage = carriage }] }
        }
      }
    }
  }
}

extension Carriage.Piece {
  /// With other letters in its payload: behind 20 bytes of a TCP header, or of UDP's and DNS's.
  fileprivate var masked: Carriage.Piece {
    var piece = self
    for index in piece.bytes.indices where offset + index >= 20 && (97...122).contains(piece.bytes[index]) {
      piece.bytes[index] = 122
    }
    return piece
  }
}

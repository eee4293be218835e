import Decode
import Simulator

extension Trick {
  static let segments: [Trick] = [
    Trick(name: "none", summary: "the attack as anybody would send it") { [Script(Attack.make($0))] },
    sending("small segments", "1, 2, 3, 7, 19 and 64 bytes a segment", variants: 6) { script, variant in
      script.changingAttack { $0.pieces(of: [1, 2, 3, 7, 19, 64][variant]) }
    },
    sending("reversed", "pieces of 4, 8 and 32 bytes, the last first", variants: 3) { script, variant in
      script.changingAttack { $0.pieces(of: [4, 8, 32][variant]).reversed() }
    },
    sending("shuffled", "pieces of 8 bytes in 24 random orders", variants: 24) { script, variant in
      var dice = SplitMix64(seed: UInt64(variant))
      return script.changingAttack { $0.pieces(of: 8).shuffled(using: &dice) }
    },
    sending("shuffled to bytes", "single bytes in a random order, more than are held") { script, variant in
      var dice = SplitMix64(seed: 7)
      return script.changingAttack { $0.pieces(of: 1).shuffled(using: &dice) }
    },
    sending("twice", "every piece two times") { script, _ in
      script.changingAttack { $0.pieces(of: 8).flatMap { [$0, $0] } }
    },
    sending("overlapping, alike", "each piece begins in the one before, or ends in the one behind", variants: 2) {
      script, variant in
      script.changingAttack { segment in
        stride(from: 0, to: segment.payload.count, by: 8).map { start in
          let from = variant == 0 ? max(0, start - 5) : start
          let to = min(segment.payload.count, variant == 0 ? start + 8 : start + 13)
          return segment.cut(from..<to)
        }
      }
    },
    sending("urgent", "all of it marked as urgent data") { script, _ in
      script.changingAttack { segment in
        [
          segment.with {
            $0.flags.insert(.urgent)
            $0.urgent = UInt16(clamping: segment.payload.count)
          }
        ]
      }
    },
    sending("urgent byte between", "a byte in the middle that the receiver takes out of the stream (RFC 6093)") {
      script, _ in script.insertingUrgentByte()
    },
    sending("around zero", "sequence numbers that pass 2^32 in the attack", variants: 5) { script, variant in
      let first = 0 &- UInt32([2, 3, 20, 60, 120][variant])
      return Script(script.attack, client: first, server: first).changingAttack { $0.pieces(of: 8) }
    },
    sending("long options", "forty bytes of TCP options in each segment") { script, _ in
      script.changingAll { $0.options = [UInt8](repeating: 1, count: 40) }
    },
    sending("keep-alives between", "a byte of garbage in front of each piece, as old keep-alives have it") {
      script, _ in
      script.changingAttack { segment in
        segment.pieces(of: 8).flatMap { piece in
          [
            piece.with {
              $0.sequence &-= 1
              $0.payload = [0]
            }, piece,
          ]
        }
      }
    },
  ]
}

extension Script {
  /// The attack with one byte more, at which the urgent pointer points; whatever follows stands one further on.
  fileprivate func insertingUrgentByte() -> Script {
    guard let index = segments.firstIndex(where: \.isAttack) else { return self }
    var script = self
    let middle = segments[index].payload.count / 2
    script.segments[index].payload.insert(UInt8(ascii: "y"), at: middle)
    script.segments[index].decoy.insert(UInt8(ascii: "y"), at: middle)
    script.segments[index].flags.insert(.urgent)
    script.segments[index].urgent = UInt16(clamping: middle + 1)
    let isFromClient = segments[index].isFromClient
    for later in script.segments.indices.dropFirst(index + 1) {
      if script.segments[later].isFromClient == isFromClient {
        script.segments[later].sequence &+= 1
      } else {
        script.segments[later].acknowledgment &+= 1
      }
    }
    return script
  }
}

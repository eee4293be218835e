import Capture
import Decode
import Simulator

extension Trick {
  static let overlaps: [Trick] = [
    decoyFirst("decoy first", "harmless bytes, then the attack in their place") { _ in },
    decoyFirst("decoy that dies", "a harmless segment whose TTL ends between tap and receiver") { $0.hopLimit = 1 },
    decoyFirst("decoy with a bad checksum", "a harmless segment that the receiver throws away") {
      $0.hasWrongChecksum = true
    },
    decoyFirst("decoy without ACK", "a harmless segment that Linux throws away") { $0.flags = .push },
    decoyFirst("decoy that acknowledges nonsense", "its acknowledgment is far ahead of what was ever sent") {
      $0.acknowledgment &+= 900_000_000
    },
    decoyFirst("decoy with an old timestamp", "its TCP timestamp is older than the last (PAWS, RFC 7323)") {
      $0.options = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 1]
    },
    sending("decoy behind", "the attack, then harmless bytes in its place") { script, _ in
      script.changingAttack { [$0, $0.asDecoy] }
    },
    sending("decoy held", "harmless bytes behind a hole, then the attack over hole and all", variants: 3) {
      script, variant in
      script.changingAttack { segment in
        let hole = [1, 7, segment.payload.count / 2][variant]
        return [segment.asDecoy.cut(hole..<segment.payload.count), segment]
      }
    },
    sending("attack held", "the attack behind a hole, then harmless bytes over hole and all", variants: 3) {
      script, variant in
      script.changingAttack { segment in
        let hole = [1, 7, segment.payload.count / 2][variant]
        return [segment.cut(hole..<segment.payload.count), segment.asDecoy, segment]
      }
    },
    sending("mixed pieces", "each piece reaches back with harmless bytes, or ahead with them", variants: 2) {
      script, variant in
      script.changingAttack { segment in
        stride(from: 0, to: segment.payload.count, by: 8).map { start in
          let (from, to) = (max(0, start - 4), min(segment.payload.count, start + 8))
          if variant == 0 {
            // The older half harmless, the newer half true.
            return segment.cut(from..<to).with {
              $0.payload.replaceSubrange(0..<start - from, with: segment.decoy[from..<start])
            }
          }
          // True up to the next place, and harmless behind it: the next piece says otherwise.
          let end = min(segment.payload.count, start + 12)
          return segment.cut(start..<end).with {
            $0.payload.replaceSubrange(to - start..<end - start, with: segment.decoy[to..<end])
          }
        }
      }
    },
    sending("decoy long before", "harmless bytes, much that follows, and only then the attack in their place") {
      script, _ in
      script.changingAttack { segment in
        let head = segment.cut(0..<segment.payload.count)
        let rest = head.with {
          $0.sequence &+= UInt32(truncatingIfNeeded: segment.payload.count)
          $0.payload = [UInt8](repeating: 10, count: 40 * 1_400)
          $0.decoy = $0.payload
        }
        // Segments that do not lie one behind the other in the monitor's memory.
        let pieces = rest.pieces(of: 1_400).flatMap { piece in
          [piece, Segment(isFromClient: !segment.isFromClient, sequence: segment.acknowledgment, payload: [10])]
        }
        return [head.asDecoy] + pieces.map { $0.with { $0.acknowledgment = segment.sequence } } + [segment]
      }
    },
    sending("far ahead", "a segment 1 MiB ahead that the receiver waits for the rest of, and a pause", variants: 2) {
      script, variant in
      script.inserting { segment in
        [
          segment.asDecoy.with {
            $0.sequence &+= 1 << 20
            $0.pause = .seconds(variant == 0 ? 5 : 40)
          }
        ]
      }
    },
    sending("out of the window", "a segment 100 MiB ahead, which no receiver takes, and a pause") { script, _ in
      script.inserting { segment in
        [
          segment.asDecoy.with {
            $0.sequence &+= 100 << 20
            $0.pause = .seconds(5)
          }
        ]
      }
    },
    sending("many far ahead", "twenty segments in a row 100 MiB ahead") { script, _ in
      script.inserting { segment in
        (0..<20).map { number in
          segment.asDecoy.with { $0.sequence &+= 100 << 20 &+ UInt32(number * segment.payload.count) }
        }
      }
    },
  ]

  private static func decoyFirst(
    _ name: String, _ summary: String, _ change: @escaping @Sendable (inout Segment) -> Void
  ) -> Trick {
    sending(name, summary) { script, _ in
      script.changingAttack { [$0.asDecoy.with(change), $0] }
    }
  }
}

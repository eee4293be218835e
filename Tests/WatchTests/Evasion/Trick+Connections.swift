import Capture
import Decode
import Simulator

extension Trick {
  static let connections: [Trick] = [
    sending("joined in the middle", "the handshake was never seen") { script, _ in
      var script = script
      script.segments.removeFirst(3)
      return script
    },
    sending(
      "data on the SYN", "the attack's first bytes come with the SYN (TCP Fast Open)",
      on: [.account, .pool, .command, .name, .hello]
    ) {
      script, _ in script.openingWith { $0.payload }
    },
    sending(
      "decoy on the SYN", "harmless bytes on the SYN, which the receiver does not take",
      on: [.account, .pool, .command, .name, .hello]
    ) {
      script, _ in script.openingWith { $0.decoy }
    },
    sending("another SYN first", "a SYN with other numbers before the one that is answered") { script, _ in
      var script = script
      script.segments.insert(script.segments[0].with { $0.sequence &-= 77_777 }, at: 0)
      return script
    },
    sending("a SYN between", "a SYN with other numbers inside the connection") { script, _ in
      script.inserting { _ in
        [script.segments[0].with { $0.sequence &+= 5_000_000 }, script.segments[0].with { $0.sequence &-= 70_000 }]
      }
    },
    sending("false answer", "a SYN and ACK with other numbers before the server's own") { script, _ in
      var script = script
      script.segments.insert(script.segments[1].with { $0.sequence &+= 123_456 }, at: 1)
      return script
    },
    sending("RST with a wrong number", "from either end, 1,000 off, before the attack", variants: 2) {
      script, variant in
      script.inserting { [script.end(.reset, $0, of: variant == 0, off: 1_000)] }
    },
    sending("RST that dies", "from either end with the right number, but the TTL ends before the receiver", variants: 2)
    {
      script, variant in
      script.inserting { [script.end(.reset, $0, of: variant == 0).with { $0.hopLimit = 1 }] }
    },
    sending("RST that dies, and a pause", "the same, and the attack three seconds later", variants: 2) {
      script, variant in
      script.inserting { segment in
        [
          script.end(.reset, segment, of: variant == 0).with {
            $0.hopLimit = 1
            $0.pause = .seconds(3)
          }
        ]
      }
    },
    sending("FIN with a wrong number", "from either end, 1,000 ahead, before the attack", variants: 2) {
      script, variant in
      script.inserting { [script.end([.finish, .acknowledge], $0, of: variant == 0, off: 1_000)] }
    },
    sending("FINs that die", "from both ends with the right numbers, but the TTL ends before the receiver") {
      script, _ in
      script.inserting { segment in
        [true, false].map { isClient in
          script.end([.finish, .acknowledge], segment, of: isClient).with { $0.hopLimit = 1 }
        }
      }
    },
    sending("port used again", "after FIN, after RST and without either, the same ports again", variants: 3) {
      script, variant in script.afterAnother(ending: [[.finish, .acknowledge], .reset, []][variant])
    },
    sending("one direction", "only the attacker's packets reach the tap") { script, _ in
      var script = script
      let isClient = script.segments.first(where: \.isAttack)?.isFromClient ?? true
      script.segments.removeAll { $0.isFromClient != isClient }
      return script
    },
  ]
}

extension Script {
  /// A segment without data of one end, where the streams are when `next` is about to be sent.
  fileprivate func end(_ flags: TCPFlags, _ next: Segment, of isClient: Bool, off: UInt32 = 0) -> Segment {
    let isOwn = next.isFromClient == isClient
    return Segment(
      isFromClient: isClient, sequence: (isOwn ? next.sequence : next.acknowledgment) &+ off,
      acknowledgment: isOwn ? next.acknowledgment : next.sequence, flags: flags)
  }

  /// The client's first words already with its SYN, then once more where they belong.
  fileprivate func openingWith(_ bytes: (Segment) -> [UInt8]) -> Script {
    var script = self
    guard let segment = segments.first(where: \.isAttack) else { return self }
    // What comes before the attack in its stream is harmless as well, and comes with it.
    let before = segments.filter { $0.isFromClient && !$0.isAttack }.flatMap(\.payload)
    let offset = Int(segment.sequence &- first.client &- 1)
    script.segments[0].payload = Array(before.prefix(offset)) + bytes(segment)
    return script
  }

  /// A short harmless connection on the same ports before this one.
  fileprivate func afterAnother(ending: TCPFlags) -> Script {
    var script = self
    let (client, server) = (first.client &+ 400_000_000, first.server &+ 800_000_000)
    var earlier = [
      Segment(isFromClient: true, sequence: client, flags: .synchronize),
      Segment(isFromClient: false, sequence: server, acknowledgment: client &+ 1, flags: [.synchronize, .acknowledge]),
      Segment(
        isFromClient: true, sequence: client &+ 1, acknowledgment: server &+ 1, flags: [.push, .acknowledge],
        payload: Array("hello\n".utf8)),
      Segment(
        isFromClient: false, sequence: server &+ 1, acknowledgment: client &+ 7, flags: [.push, .acknowledge],
        payload: Array("hello\n".utf8)),
    ]
    if ending.contains(.reset) {
      earlier.append(Segment(isFromClient: true, sequence: client &+ 7, flags: .reset))
    } else if ending.contains(.finish) {
      earlier.append(Segment(isFromClient: true, sequence: client &+ 7, acknowledgment: server &+ 7, flags: ending))
      earlier.append(Segment(isFromClient: false, sequence: server &+ 7, acknowledgment: client &+ 8, flags: ending))
      earlier.append(Segment(isFromClient: true, sequence: client &+ 8, acknowledgment: server &+ 8))
    }
    script.segments = earlier + segments
    return script
  }
}

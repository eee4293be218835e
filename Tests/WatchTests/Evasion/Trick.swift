import Capture
import Simulator

/// A way to put an attack so that a monitor may read something else than its receiver, or nothing.
struct Trick: Sendable {
  let name: String
  /// What is done, for the table in `docs/evasion.md`.
  let summary: String
  /// The attack in all its variants; none where the trick is none for it.
  let scripts: @Sendable (Attack.Kind) -> [Script]

  /// All of them: the one list that a new family is added to.
  static let all: [(family: String, tricks: [Trick])] = [
    ("How TCP cuts it", segments),
    ("What else is sent for the same bytes", overlaps),
    ("Where a connection begins and ends", connections),
    ("What IP and the link put around it", carriers),
    ("How it is said", words),
  ]
}

extension Trick {
  /// The attack, its segments changed.
  ///
  /// - Parameters:
  ///   - variants: in how many ways; `change` is told which.
  ///   - kinds: what it can be done to. Datagrams have no segments.
  static func sending(
    _ name: String, _ summary: String, variants: Int = 1, on kinds: [Attack.Kind] = streams,
    _ change: @escaping @Sendable (Script, Int) -> Script
  ) -> Trick {
    Trick(name: name, summary: summary) { kind in
      guard kinds.contains(kind) else { return [] }
      return (0..<variants).map { change(Script(Attack.make(kind)), $0) }
    }
  }

  /// The attack in packets that travel otherwise, its datagram as well.
  static func carrying(
    _ name: String, _ summary: String, overIPv6: Bool = false, _ carriages: [Carriage]
  ) -> Trick {
    Trick(name: name, summary: summary) { kind in
      carriages.map { carriage in
        let attack = Attack.make(kind)
        return Script(overIPv6 ? attack.overIPv6 : attack).changingAttack { segment in
          [segment.with { $0.carriage = carriage }]
        }
      }
    }
  }

  /// The attack in other words.
  static func saying(
    _ name: String, _ summary: String, on kinds: [Attack.Kind] = [.account, .redirect, .pool, .command],
    _ formats: [Attack.Format]
  ) -> Trick {
    Trick(name: name, summary: summary) { kind in
      kinds.contains(kind) ? formats.map { Script(Attack.make(kind, $0)) } : []
    }
  }

  /// Attacks that are written down whole.
  static func writing(_ name: String, _ summary: String, _ attacks: @escaping @Sendable () -> [Attack]) -> Trick {
    Trick(name: name, summary: summary) { kind in attacks().filter { $0.kind == kind }.map { Script($0) } }
  }

  static let streams = Attack.Kind.allCases.filter { $0 != .datagram }
}

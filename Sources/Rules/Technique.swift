/// A technique of MITRE ATT&CK that a rule detects, with the matrix version that its number belongs to.
///
/// Numbers are those of v18.1 (mitre-attack/attack-stix-data); v19 moved some ICS techniques (attack.mitre.org), whose
/// new numbers follow in ``successor``.
package struct Technique: Hashable, Sendable {
  package let identifier: String
  package let name: String
  /// The number in v19, where it changed.
  package let successor: String?

  package static let matrixVersion = "18.1"

  package init(_ identifier: String, _ name: String, successor: String? = nil) {
    self.identifier = identifier
    self.name = name
    self.successor = successor
  }
}

package import Decode

/// Names, addresses, ranges and ports that no miner should ever have to do with.
package struct Indicators: Sendable {
  package struct Match: Equatable, Sendable {
    /// As the list has it: `auth.minerlink.com`.
    package var value: String
    /// What it is, from the list: "Antbleed's phone-home".
    package var note: String
  }

  package init() {}

  package func match(address: IPAddress, port: UInt16) -> Match? { nil }

  /// - Parameter name: lower case, without trailing dot. A listed name covers what is below it.
  package func match(name: String) -> Match? { nil }
}

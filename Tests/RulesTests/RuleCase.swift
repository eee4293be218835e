import Protocols
import Testing

/// A story, and all that is told of it: nothing more and nothing less.
struct RuleCase: CustomTestStringConvertible, Sendable {
  let name: String
  /// Rules that must stay silent although they nearly had something to say.
  let nearMissOf: [String]
  let story: [Observation]
  /// What pools answered in the minutes of the watch, from the first on.
  var minutes: [[SessionWork]] = []
  /// What miners hand in after it.
  var shifts: [Shift] = []
  let told: [String]

  var testDescription: String { name }

  static func fires(
    _ name: String, _ story: [Observation], minutes: [[SessionWork]] = [], _ told: String...
  ) -> RuleCase {
    RuleCase(name: name, nearMissOf: [], story: story, minutes: minutes, told: told)
  }

  static func nearMiss(
    of rules: String..., when name: String, _ story: [Observation], minutes: [[SessionWork]] = [], _ told: String...
  ) -> RuleCase {
    RuleCase(name: name, nearMissOf: rules, story: story, minutes: minutes, told: told)
  }

  /// Rules that speak in this story, by the lines that are told.
  var rules: Set<String> {
    Set(
      told.compactMap { line in line.split(separator: " ").dropFirst().first.map { String($0.prefix { $0 != ":" }) } })
  }

  static let all =
    pools + tunnels + destinations + names + channels + identities + stratum + redirects + work + shares + control
    + firmware + behaviour + lan + monitor + fleet
}

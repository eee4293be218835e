import Capture
import Foundation
package import Policy
import Rules

/// Policies as the commands use them: read with the rule book's names and the data that ships with the program.
package enum PolicyFile {
  /// - Throws: every error of the file, each with its place and the cure.
  package static func read(_ path: String) throws(PolicyErrors) -> Policy {
    try PolicyReader.read(
      path: path, rules: RuleBook.catalogue, builtIn: SharedData.builtIn, now: now)
  }

  /// Whether there is none. One that may not be looked at is there.
  package static func isAbsent(_ path: String) -> Bool {
    do {
      _ = try FileSystem.kind(of: path)
      return false
    } catch {
      return error.meansAbsence
    }
  }

  /// Like ``read(_:)`` for text that is at hand; `file` is what errors name.
  package static func read(text: String, file: String) throws(PolicyErrors) -> Policy {
    try PolicyReader.read(
      text: text, file: file, rules: RuleBook.catalogue, builtIn: SharedData.builtIn)
  }

  /// For captures that are looked at without any policy.
  package static var withoutFile: Policy {
    PolicyReader.withoutFile(rules: RuleBook.catalogue, builtIn: SharedData.builtIn)
  }

  /// The effective policy, and what its bounds add up to, for `minewatch check`.
  package static func report(_ policy: Policy) -> String {
    "\(PolicyReport(policy))\n\(LimitsReport(workers: policy.capture.workerCount))"
  }

  /// What a reload changes, a line each: as the reports of both policies tell it, and what differs in the data that these
  /// only count.
  package static func changes(
    from old: Policy, to new: Policy, added: String = "now: ", removed: String = "was: "
  ) -> [String] {
    let (before, after) = (lines(of: old), lines(of: new))
    let changes = after.difference(from: before).map { change -> (offset: Int, text: String) in
      switch change {
      case .insert(let offset, let line, _): (offset, added + line)
      case .remove(let offset, let line, _): (offset, removed + line)
      }
    }
    return changes.sorted { $0.offset < $1.offset }.map(\.text) + PolicyDifference(from: old, to: new).lines
  }

  private static func lines(of policy: Policy) -> [String] {
    PolicyReport(policy).description.split(separator: "\n").map {
      $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
  }

  /// The only question to a clock that a policy needs: which exemptions have expired.
  private static var now: Timestamp {
    Timestamp(seconds: Int64(Date().timeIntervalSince1970))
  }
}

/// Data files that ship with the program: dated, and never compiled in.
package enum SharedData {
  /// Where an installed program's data is.
  private static let installed = "/usr/share/minewatch"

  private static let names = ["indicators.d", "commands.d", "pools.d", "models.csv", "resolvers.d"]

  /// All that a policy is read with, and what of it is not there.
  static var builtIn: BuiltInData {
    let paths = names.map { path(of: $0) }
    var data = BuiltInData(
      indicators: paths[0], commands: paths[1], pools: paths[2], models: paths[3], resolvers: paths[4])
    let missing = zip(names, paths).filter { $0.1 == nil }.map(\.0)
    if !missing.isEmpty {
      data.missing =
        "no data that ships with the program: \(missing.joined(separator: ", ")) not found in "
        + "\(folders.joined(separator: " or ")); rules that need it say nothing"
    }
    return data
  }

  /// A file or folder of data: beside the program when it runs from a checkout, else where it was installed. Nil when
  /// neither is there.
  package static func path(of name: String) -> String? {
    folders.map { "\($0)/\(name)" }.first { FileManager.default.fileExists(atPath: $0) }
  }

  private static var folders: [String] { checkouts + [installed] }

  /// `Configs` of the checkout that the program was built in: the folders above `.build/…/minewatch`.
  private static var checkouts: [String] {
    guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return [] }
    guard let build = program.range(of: "/.build/") else { return [] }
    return ["\(program[..<build.lowerBound])/Configs"]
  }
}

package import Capture

/// A place in a file: line and column, both from 1; columns count Unicode scalars.
package struct FilePosition: Hashable, Comparable, Sendable {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package static func < (left: FilePosition, right: FilePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// Something wrong or odd in a policy file or in a file that it names.
package struct PolicyProblem: Equatable, Sendable, CustomStringConvertible {
  package var file: String
  /// Nil when the file could not even be read.
  package var position: FilePosition?
  package var message: String

  package init(file: String, position: FilePosition?, message: String) {
    self.file = file
    self.position = position
    self.message = message
  }

  /// `minewatch.yaml:3:5: capture: unknown key "interface" (did you mean "interfaces"?)`
  package var description: String {
    guard let position else { return "\(file): \(message)" }
    return "\(file):\(position.line):\(position.column): \(message)"
  }
}

/// All that is wrong with a policy, in the order of its files and lines.
package struct PolicyErrors: Error, Equatable, CustomStringConvertible {
  package let problems: [PolicyProblem]
  /// The policy may be right: this user may not read it.
  private let meansNoPermission: Bool

  init(problems: [PolicyProblem], meansNoPermission: Bool = false) {
    self.problems = problems
    self.meansNoPermission = meansNoPermission
  }

  /// What a program ends with that needs the policy.
  package var exitStatus: ExitStatus { meansNoPermission ? .noPermission : .badConfiguration }

  /// One problem a line.
  package var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}

/// Collects problems while files are read.
struct ProblemList {
  private(set) var errors: [PolicyProblem] = []
  private(set) var warnings: [PolicyProblem] = []
  /// Errors beyond `Limits.policyProblems`.
  private var untold = 0
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  mutating func error(_ message: String, in file: String, at position: FilePosition?) {
    guard errors.count < limit else {
      untold += 1
      return
    }
    errors.append(PolicyProblem(file: file, position: position, message: message))
  }

  mutating func warning(_ message: String, in file: String, at position: FilePosition?) {
    guard warnings.count < limit else { return }
    warnings.append(PolicyProblem(file: file, position: position, message: message))
  }

  /// Errors of `mainFile` first, then of the others by name, each in the order of its lines.
  func sortedErrors(mainFile: String) -> [PolicyProblem] {
    var result = Self.sort(errors, mainFile)
    if untold > 0 {
      result.append(PolicyProblem(file: mainFile, position: nil, message: "\(untold) more errors are not shown"))
    }
    return result
  }

  func sortedWarnings(mainFile: String) -> [PolicyProblem] {
    Self.sort(warnings, mainFile)
  }

  private static func sort(_ problems: [PolicyProblem], _ mainFile: String) -> [PolicyProblem] {
    let key = { (problem: PolicyProblem) in
      let position = problem.position ?? FilePosition(line: 0, column: 0)
      return (problem.file == mainFile ? 0 : 1, problem.file, position.line, position.column)
    }
    return problems.enumerated().sorted { left, right in
      let (first, second) = (key(left.element), key(right.element))
      return first == second ? left.offset < right.offset : first < second
    }.map(\.element)
  }
}

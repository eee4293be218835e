import ArgumentParser
import Policy
import Watch

/// How the program ends when it cannot do what it was asked (sysexits.h): one line that says what, where and the cure.
enum Failure {
  static let findings: Int32 = 1
  static let noInput: Int32 = 66
  static let cannotWrite: Int32 = 74
  static let noPermission: Int32 = 77
  static let badConfiguration: Int32 = 78

  /// Says `sentence` and gives the error that ends the program with `code`.
  static func exit(_ code: Int32, _ sentence: String) -> ExitCode {
    StandardError.say(sentence)
    return ExitCode(code)
  }

  /// Says all that is wrong with a policy.
  static func exit(_ errors: PolicyErrors) -> ExitCode {
    for problem in errors.problems { StandardError.say("\(problem)") }
    return ExitCode(errors.meansNoPermission ? noPermission : badConfiguration)
  }
}

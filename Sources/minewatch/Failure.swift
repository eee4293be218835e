import ArgumentParser
import Capture
import Policy
import Watch

/// How the program ends when it cannot do what it was asked: one line that says what, where and the cure.
enum Failure {
  /// Says `sentence` and gives the error that ends the program with `status`.
  static func exit(_ status: ExitStatus, _ sentence: String) -> ExitCode {
    StandardError.say(sentence)
    return ExitCode(status)
  }

  static func exit(_ failure: WatchFailure) -> ExitCode {
    exit(failure.status, failure.sentence)
  }

  /// Says all that is wrong with a policy.
  static func exit(_ errors: PolicyErrors) -> ExitCode {
    for problem in errors.problems { StandardError.say("\(problem)") }
    return ExitCode(errors.exitStatus)
  }
}

extension ExitCode {
  init(_ status: ExitStatus) {
    self.init(status.rawValue)
  }
}

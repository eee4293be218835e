/// Why a watch cannot begin or go on: one sentence with what, where and the cure, and the exit code (sysexits.h).
package struct WatchFailure: Error, Equatable, Sendable {
  package let exitCode: Int32
  package let sentence: String

  /// sysexits.h: EX_SOFTWARE.
  static let software: Int32 = 70
  /// sysexits.h: EX_DATAERR.
  static let noData: Int32 = 65

  package init(exitCode: Int32, sentence: String) {
    self.exitCode = exitCode
    self.sentence = sentence
  }
}

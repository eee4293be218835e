package import Capture

/// Why a watch cannot begin or go on: one sentence with what, where and the cure, and what the program ends with.
package struct WatchFailure: Error, Equatable, Sendable {
  package let status: ExitStatus
  package let sentence: String

  package init(_ status: ExitStatus, _ sentence: String) {
    self.status = status
    self.sentence = sentence
  }

  init(_ error: CaptureError) {
    self.init(error.exitStatus, error.sentence)
  }
}

extension [CaptureError] {
  /// What a program ends with that could not read all it was given: the worst; nil when there is none.
  package var exitStatus: ExitStatus? { map(\.exitStatus).max() }
}

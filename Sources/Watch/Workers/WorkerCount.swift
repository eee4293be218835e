import Foundation
import Policy

extension Policy.CaptureSettings {
  /// How many threads capture. `auto` is one a core, but for the one that the analyst has, and no more than eight: a machine of
  /// one or two cores has one.
  var workerCount: Int {
    workers ?? min(max(ProcessInfo.processInfo.activeProcessorCount - 1, 1), 8)
  }
}

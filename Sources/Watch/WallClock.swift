package import Capture
import Foundation

extension Timestamp {
  /// The one clock of a live watch. What it says goes in as ticks, like any other input.
  package static var now: Timestamp {
    let seconds = Date().timeIntervalSince1970
    return Timestamp(seconds: Int64(seconds), nanoseconds: Int64((seconds - seconds.rounded(.down)) * 1e9))
  }
}

import ArgumentParser
import Capture
import Watch

/// Standard output, as the commands write to it.
enum Output {
  static func line(_ text: String) throws {
    try write("\(text)\n")
  }

  /// - Throws: what ends the program: with 0 where nobody reads any more (`| head`), else with 74.
  static func write(_ text: String) throws {
    do throws(StandardOutput.End) {
      try StandardOutput.write(text)
    } catch {
      switch error {
      case .nobodyReads: throw ExitCode.success
      case .failed(let sentence): throw Failure.exit(.ioError, sentence)
      }
    }
  }
}

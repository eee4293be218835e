import Capture
import Decode

/// What the first bytes of one direction, or a line in it, may be.
enum ProbeVerdict {
  case stratum(speaker: Role?)
  case known(AppProtocol, opener: Role?)
  /// It may become something; Stratum, when a probe goes with it that can read on.
  case needMore(StratumProbe?)
  case reject
}

/// What a search through bytes came to, at an offset.
enum ProbeFinding {
  case match(ProbeVerdict)
  /// From the offset on it may become something.
  case needMore(StratumProbe?)
  /// The rest is the middle of a line.
  case midLine
  /// The last line ends with the bytes.
  case lineEnd
  case binary
}

extension ProbeVerdict {
  init(_ verdict: StratumProbe.Verdict, _ probe: StratumProbe) {
    switch verdict {
    case .match(let speaker): self = .stratum(speaker: speaker)
    case .needMore: self = .needMore(probe)
    case .reject: self = .reject
    }
  }

  /// What the recognisers say of `count` bytes, where that is more than `verdict`.
  init?(_ appProtocol: AppProtocol, _ probe: Probe, _ count: Int, instead verdict: Self) {
    switch (probe, verdict) {
    case (.match(let opener), _): self = .known(appProtocol, opener: opener)
    case (.needMore, .reject) where count < Limits.probedBytes: self = .needMore(nil)
    default: return nil
    }
  }

  var isUndecided: Bool {
    switch self {
    case .needMore, .reject: true
    case .stratum, .known: false
    }
  }
}

extension RawSpan {
  /// Whether the next bytes, 256 at most, have no control character but those that text has. Bytes over 127 pass: they may
  /// be UTF-8.
  func looksLikeText(from offset: Int) -> Bool {
    for index in offset..<Swift.min(byteCount, offset + 256) {
      switch byte(at: index) {
      case 0..<0x09, 0x0e..<0x20, 0x7f: return false
      default: continue
      }
    }
    return true
  }

  /// Where the next line that is not blank starts, behind the line feed at or after `offset`; `nil` without line feed.
  func nextLine(from offset: Int) -> Int? {
    var index = offset
    while index < byteCount, byte(at: index) != 0x0a { index += 1 }
    guard index < byteCount else { return nil }
    while index < byteCount, byte(at: index) == 0x0a || byte(at: index) == 0x0d || byte(at: index) == 0x20 {
      index += 1
    }
    return index
  }
}

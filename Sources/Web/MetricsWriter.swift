/// Writes Prometheus's text format: a family is told once, with what it is, and then its samples.
struct MetricsWriter {
  enum Kind: String {
    case counter, gauge
  }

  private(set) var text = ""

  /// - Parameter samples: labels and value of each. A family without samples is left out.
  mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: [(String, String)], value: Double)]
  ) {
    guard !samples.isEmpty else { return }
    text += "# HELP minewatch_\(name) \(help)\n# TYPE minewatch_\(name) \(kind.rawValue)\n"
    for sample in samples {
      text += "minewatch_\(name)"
      if !sample.labels.isEmpty {
        text += "{\(sample.labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ","))}"
      }
      text += " \(Self.number(sample.value))\n"
    }
  }

  /// Whole numbers without a fraction, as all of them are exact up to 2⁵³.
  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
    return Int64(exactly: value).map(String.init) ?? "\(value)"
  }

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\\": text += #"\\"#
      case "\"": text += #"\""#
      case "\n": text += #"\n"#
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

import Capture
import Decode

/// What may say where a miner is to mine, told by the look of a name and its value: such a parameter is kept where others are
/// not any more, so that nothing can be hidden behind a hundred that say nothing.
enum TargetWords {
  private static let names = ["url", "pool", "user", "worker", "wallet", "account", "host", "stratum", "graphql"]

  static func mayBe(in name: String, _ value: String) -> Bool {
    if value.contains("://") { return true }
    let name = name.lowercased()
    if names.contains(where: { name.contains($0) }) { return true }
    // Fields of a gRPC message have numbers for names: any text in it may be the one.
    return name.contains(".") && name.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") }
      && !value.utf8.allSatisfy(\.isDigit)
  }
}

extension [HTTPField] {
  /// Adds a field where there is room: beyond ``Capture/Limits/httpFormFields`` only one that may say where to mine, and of
  /// those ``Capture/Limits/httpTargets``.
  ///
  /// - Returns: false when one was left out that may say where to mine.
  mutating func keep(_ name: String, _ value: String) -> Bool {
    if count >= Limits.httpFormFields {
      guard TargetWords.mayBe(in: name, value) else { return true }
      guard count < Limits.httpFormFields + Limits.httpTargets else { return false }
    }
    append(HTTPField(name, value))
    return true
  }
}

extension String {
  /// Texts of this one that begin like a pool's address, `stratum+tcp://host:port`, in lower case.
  package var poolURLs: [String] {
    lowercased().pieces(startingWith: "stratum") { $0.isLetter || $0.isNumber || "+:/.-_[]@".contains($0) }.filter {
      $0.contains("://")
    }
  }

  /// Pieces of this text from `start` on, as far as their characters belong to them.
  func pieces(startingWith start: String, _ belongs: (Character) -> Bool) -> [String] {
    var found: [String] = []
    var rest = self[...]
    while found.count < Limits.wireList, let range = rest.firstRange(of: start) {
      let end = rest[range.upperBound...].firstIndex { !belongs($0) } ?? rest.endIndex
      found.append(String(rest[range.lowerBound..<end]))
      rest = rest[end...]
    }
    return found
  }
}

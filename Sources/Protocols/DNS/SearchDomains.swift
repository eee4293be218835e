import Capture
import Decode

/// Domains that a network's servers have resolvers try behind a name.
extension RawSpan {
  /// Appends the domains that stand here one after the other, as far as they can be read. The root is none, and what pads an option
  /// looks like it: there they end.
  func appendSearchDomains(to list: inout [String]) {
    var offset = 0
    while offset < byteCount, let name = try? DNSName(self, at: &offset), !name.labels.isEmpty {
      guard list.count < Limits.wireList else { return }
      list.appendSearchDomain(name.text)
    }
  }
}

extension [String] {
  /// Appends a domain in lower case and without a dot at its end, where there is room.
  mutating func appendSearchDomain(_ text: String) {
    let name = String((text.hasSuffix(".") ? text.dropLast() : text[...]).lowercased())
    if !name.isEmpty, count < Limits.wireList { append(name) }
  }
}

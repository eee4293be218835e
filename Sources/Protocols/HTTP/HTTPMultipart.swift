import Capture

/// The parts of a multipart/form-data body, as far as they are in its first bytes (RFC 7578, RFC 2046 §5.1).
struct HTTPMultipart {
  struct Part {
    var name = ""
    var fileName: String?
    /// What the part holds, as far as it is there.
    var content: ArraySlice<UInt8>
  }

  private(set) var parts: [Part] = []
  /// There are more parts than were looked at.
  private(set) var hasMore = false
  /// Parts looked at: settings come before the file, and there are few of them.
  private static let limit = 16
  /// Two dashes and 70 characters (RFC 2046 §5.1.1).
  private static let markerLimit = 72

  /// - Parameter contentType: with its boundary. One that lacks it is guessed from the body's first line.
  init(_ body: [UInt8], contentType: [UInt8]) {
    let marker: [UInt8]
    if let boundary = HTTPParameters.ofType(contentType)["boundary"], !boundary.isEmpty {
      marker = Array("--\(boundary)".utf8)
    } else {
      marker = Array(body.prefix { $0 > 0x20 })
    }
    guard 3...Self.markerLimit ~= marker.count, var start = body.firstIndex(of: marker, from: 0) else { return }
    for _ in 0..<Self.limit {
      let head = start + marker.count
      guard head < body.count, !body[head...].starts(with: Array("--".utf8)) else { return }
      let end = body.firstIndex(of: marker, from: head)
      if let part = Self.part(body[head..<(end ?? body.count)], isWhole: end != nil) { parts.append(part) }
      guard let end else { return }
      start = end
    }
    hasMore = true
  }

  /// - Parameter bytes: from behind the marker up to the next one.
  private static func part(_ bytes: ArraySlice<UInt8>, isWhole: Bool) -> Part? {
    var part = Part(content: [])
    var rest = bytes.drop { $0 == 0x0d || $0 == 0x20 }.dropFirst()
    while let feed = rest.firstIndex(of: 0x0a) {
      let line = rest[..<feed].filter { $0 != 0x0d }
      rest = rest[(feed + 1)...]
      guard !line.isEmpty else {
        part.content = isWhole ? rest.dropLineEnd() : rest
        return part
      }
      guard line.prefix(20).map(\.lowercased).elementsEqual("content-disposition:".utf8) else { continue }
      let parameters = HTTPParameters.ofType(line)
      part.name = parameters["name"] ?? ""
      part.fileName = parameters["filename"]
    }
    return nil
  }
}

extension [UInt8] {
  /// Where `pattern` stands first, at or behind `start`.
  ///
  /// At the worst it costs the product of both lengths, which are bounded.
  fileprivate func firstIndex(of pattern: [UInt8], from start: Int) -> Int? {
    guard let first = pattern.first, count >= pattern.count else { return nil }
    var index = start
    while index <= count - pattern.count {
      if self[index] == first, self[index..<index + pattern.count].elementsEqual(pattern) { return index }
      index += 1
    }
    return nil
  }
}

extension ArraySlice<UInt8> {
  /// The line end in front of a boundary belongs to the boundary (RFC 2046 §5.1.1).
  fileprivate func dropLineEnd() -> ArraySlice<UInt8> {
    guard last == 0x0a else { return self }
    let shorter = dropLast()
    return shorter.last == 0x0d ? shorter.dropLast() : shorter
  }
}

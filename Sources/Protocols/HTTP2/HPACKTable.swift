/// The fields that a header block may refer to by number (RFC 7541 §2.3): 61 that are always there, and those that the sender
/// added last.
struct HPACKTable: Sendable {
  struct Entry: Equatable, Sendable {
    var name: [UInt8]
    var value: [UInt8]

    /// Bytes that it counts for (RFC 7541 §4.1).
    var size: Int { name.count + value.count + 32 }

    init(name: [UInt8], value: [UInt8]) {
      self.name = name
      self.value = value
    }

    fileprivate init(_ name: String, _ value: String = "") {
      self.init(name: Array(name.utf8), value: Array(value.utf8))
    }
  }

  /// Bytes that a table may be told to hold: the default (RFC 9113 §6.5.2). A server may offer more; what serves miners does not.
  static let sizeLimit = 4_096

  /// Newest last; those before `first` are gone.
  private var entries: [Entry] = []
  private var first = 0
  private var size = 0
  private var limit = sizeLimit

  /// The field of a number from 1 on: the fixed ones, then the newest and on to the oldest.
  subscript(number: Int) -> Entry? {
    if number < 1 { return nil }
    if number <= Self.fixed.count { return Self.fixed[number - 1] }
    let place = entries.count - (number - Self.fixed.count)
    return place >= first ? entries[place] : nil
  }

  /// Adds a field; the oldest make room. One that is larger than the table empties it (RFC 7541 §4.4).
  mutating func add(_ entry: Entry) {
    shrink(to: limit - entry.size)
    guard entry.size <= limit else { return }
    entries.append(entry)
    size += entry.size
  }

  /// - Returns: false for a size that is not believed.
  mutating func resize(to newLimit: Int) -> Bool {
    guard newLimit <= Self.sizeLimit else { return false }
    limit = newLimit
    shrink(to: newLimit)
    return true
  }

  private mutating func shrink(to bytes: Int) {
    while size > max(bytes, 0), first < entries.count {
      size -= entries[first].size
      entries[first] = Entry(name: [], value: [])
      first += 1
    }
    // Half of them gone: move once for as many as went.
    guard first > 32, first * 2 > entries.count else { return }
    entries.removeFirst(first)
    first = 0
  }

  /// RFC 7541 Appendix A.
  private static let fixed: [Entry] = [
    Entry(":authority"), Entry(":method", "GET"), Entry(":method", "POST"), Entry(":path", "/"),
    Entry(":path", "/index.html"), Entry(":scheme", "http"), Entry(":scheme", "https"), Entry(":status", "200"),
    Entry(":status", "204"), Entry(":status", "206"), Entry(":status", "304"), Entry(":status", "400"),
    Entry(":status", "404"), Entry(":status", "500"), Entry("accept-charset"),
    Entry("accept-encoding", "gzip, deflate"), Entry("accept-language"), Entry("accept-ranges"), Entry("accept"),
    Entry("access-control-allow-origin"), Entry("age"), Entry("allow"), Entry("authorization"),
    Entry("cache-control"), Entry("content-disposition"), Entry("content-encoding"), Entry("content-language"),
    Entry("content-length"), Entry("content-location"), Entry("content-range"), Entry("content-type"),
    Entry("cookie"), Entry("date"), Entry("etag"), Entry("expect"), Entry("expires"), Entry("from"), Entry("host"),
    Entry("if-match"), Entry("if-modified-since"), Entry("if-none-match"), Entry("if-range"),
    Entry("if-unmodified-since"), Entry("last-modified"), Entry("link"), Entry("location"), Entry("max-forwards"),
    Entry("proxy-authenticate"), Entry("proxy-authorization"), Entry("range"), Entry("referer"), Entry("refresh"),
    Entry("retry-after"), Entry("server"), Entry("set-cookie"), Entry("strict-transport-security"),
    Entry("transfer-encoding"), Entry("user-agent"), Entry("vary"), Entry("via"), Entry("www-authenticate"),
  ]
}

import Capture
import Decode

extension HTTPFields {
  /// Adds the leaves of an object or array, or of the start of one: `{"pools":[{"url":"x"}]}` says `pools.url` is `x`.
  ///
  /// - Returns: false for what begins like neither, or holds no single value. Bitmain's packages begin with `{type:pool}`,
  ///   which must not be taken for one.
  mutating func addJSON(_ bytes: RawSpan) -> Bool {
    guard bytes.beginsLikeJSON else { return false }
    var hasLeaf = false
    var json = LooseJSON(bytes, 0..<bytes.byteCount)
    while let leaf = json.next() {
      hasLeaf = true
      add(json.name(), Array(bytes.text(leaf.range, limit: Limits.httpRequestBody).utf8)[...])
    }
    return hasLeaf
  }
}

extension RawSpan {
  /// Brackets, if any, and then a text in quotes, or a number or word in a list.
  fileprivate var beginsLikeJSON: Bool {
    var isObject = false
    for index in 0..<byteCount {
      switch byte(at: index) {
      case 0...0x20: continue
      case UInt8(ascii: "{"): isObject = true
      case UInt8(ascii: "["): isObject = false
      case UInt8(ascii: "\""): return true
      default: return !isObject
      }
    }
    return false
  }
}

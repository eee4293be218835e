import Capture
import Decode

/// An array or object inside a message, with everything in it: checked, and nothing of it noted.
///
/// What stands open is a bit per level, 1 for an object.
struct JSONNesting {
  private var depth: Int
  /// A bit for each open level, the innermost lowest: 1 for an object.
  private var open: UInt64 = 0
  /// Nothing stands in the innermost level yet, so it may end.
  private var isEmpty = true
  /// A key comes next, not a value.
  private var expectsKey = false

  /// Reads from the opening bracket on behind the closing one.
  ///
  /// - Parameter depth: levels open around it.
  /// - Returns: false where what stands at the position does not belong there, or is too deep.
  @inline(__always)
  static func read(_ bytes: RawSpan, _ position: inout Int, depth: Int, _ faults: inout JSONFaults) -> Bool {
    let nested = read(bytes, from: position, depth: depth)
    position = nested.end
    faults.formUnion(nested.faults)
    return nested.isWhole
  }

  // What comes back comes in registers: a position that is lent out would be kept in memory.
  @inline(never)
  private static func read(_ bytes: RawSpan, from start: Int, depth: Int) -> (
    end: Int, isWhole: Bool, faults: JSONFaults
  ) {
    var position = start
    var faults: JSONFaults = []
    let isWhole = check(bytes, &position, depth: depth, &faults)
    return (position, isWhole, faults)
  }

  @inline(__always)
  private static func check(
    _ bytes: RawSpan, _ position: inout Int, depth outer: Int, _ faults: inout JSONFaults
  ) -> Bool {
    var nesting = JSONNesting(depth: outer)
    repeat {
      let first = bytes.skipBlanks(&position)
      if first == UInt8(ascii: "\"") {
        repeat {
          guard !JSONString.read(bytes, &position, &faults).isMissing else { return false }
        } while !nesting.isObject && bytes.skipsToString(&position)
        if nesting.expectsKey {
          guard bytes.skipBlanks(&position) == UInt8(ascii: ":") else { return false }
          position &+= 1
          nesting.expectsKey = false
          nesting.isEmpty = false
          continue
        }
      } else if first == UInt8(ascii: "{") || first == UInt8(ascii: "["), !nesting.expectsKey {
        guard nesting.begin(isObject: first == UInt8(ascii: "{")) else {
          faults.insert(.depth)
          return false
        }
        position &+= 1
        continue
      } else if !nesting.isEmpty || first != nesting.closer {
        guard !nesting.expectsKey, JSONLeaf.read(bytes, &position, first) != .missing else { return false }
      }
      guard nesting.end(bytes, &position, outer: outer) else { return false }
    } while nesting.depth > outer
    return true
  }

  private init(depth: Int) {
    self.depth = depth
  }

  private var isObject: Bool { open & 1 == 1 }
  private var closer: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }

  /// Opens a level. Returns false when it would be one too many.
  @inline(__always)
  private mutating func begin(isObject: Bool) -> Bool {
    guard depth < min(Limits.jsonDepth, 64) else { return false }
    depth &+= 1
    open = open &<< 1 | (isObject ? 1 : 0)
    isEmpty = true
    expectsKey = isObject
    return true
  }

  /// Behind a value, or in an empty level: reads the comma, or closes levels until a comma or the end of all.
  @inline(__always)
  private mutating func end(_ bytes: RawSpan, _ position: inout Int, outer: Int) -> Bool {
    while depth > outer {
      let byte = bytes.skipBlanks(&position)
      if byte == UInt8(ascii: ",") {
        position &+= 1
        isEmpty = false
        expectsKey = isObject
        return true
      }
      guard byte == closer else { return false }
      position &+= 1
      depth &-= 1
      open &>>= 1
    }
    return true
  }
}

/// The header of a mirrored frame inside GRE, type II, eight bytes, or type III, 12 or 20
/// (draft-foschiano-erspan-03 §4.2 and §4.3). Type I has none.
///
///      0   3 4              15 16 18 19 21 22                31
///     +-----+-----------------+-----+-----+------------------+
///     | Ver |      VLAN       | COS |En/T |    Session id    |
///     +-----+-----------------+-----+-----+------------------+
///     |   II: reserved, port index;  III: timestamp          |
///     +------------------------------------------------------+
///     |   III: group tag (16), P, FT (5), hw (6), D, Gra, O  |
///     +------------------------------------------------------+
///     |   III, if O: platform-specific (8 bytes)             |
///     +------------------------------------------------------+
///
/// The VLAN field is the mirror's own and not taken for a tag of the frame.
package struct ERSPANHeader: Equatable, Sendable {
  /// What a type III header says to carry.
  package enum FrameType: UInt8, Sendable {
    case ethernet = 0
    case ip = 2
  }

  /// The whole header, in bytes: 8, 12 or 20.
  package let headerLength: Int
  package let version: UInt8
  /// 0...1023: which mirror.
  package let session: UInt16
  /// Nil for a frame of a kind that is not read.
  package let frameType: FrameType?

  /// - Parameter isType3: the GRE header said 0x22eb rather than 0x88be.
  /// - Returns: nil when the header does not stand there whole: ``Fault/erspanTruncated``.
  package init?(_ bytes: RawSpan, isType3: Bool) {
    guard bytes.byteCount >= (isType3 ? 12 : 8) else { return nil }
    version = bytes.byte(at: 0) >> 4
    session = bytes.uint16(at: 2) & 0x03ff
    guard isType3 else {
      headerLength = 8
      frameType = .ethernet
      return
    }
    let flags = bytes.uint16(at: 10)
    headerLength = flags & 1 != 0 ? 20 : 12
    frameType = FrameType(rawValue: UInt8(truncatingIfNeeded: flags >> 10 & 0x1f))
    guard headerLength <= bytes.byteCount else { return nil }
  }

  /// Type II calls itself version 1, type III version 2.
  package func fault(isType3: Bool) -> Fault? {
    version == (isType3 ? 2 : 1) ? nil : .erspanBadVersion
  }
}

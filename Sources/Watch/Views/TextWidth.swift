/// Columns that text takes on a terminal: two for the wide characters of East Asia and pictures, none for marks that stand on
/// others (Unicode Standard Annex #11, and UTS #51 for pictures).
enum TextWidth {
  static func of(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + of($1) }
  }

  /// The beginning of a text that takes at most `width` columns; where that is not all of it, "…" ends it.
  static func cut(_ text: String, to width: Int) -> String {
    guard of(text) > width else { return text }
    guard width > 0 else { return "" }
    var kept = String.UnicodeScalarView()
    var taken = 1
    for scalar in text.unicodeScalars {
      taken += of(scalar)
      if taken > width { break }
      kept.append(scalar)
    }
    return String(kept) + "…"
  }

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    // Everything before the first combining mark is narrow.
    guard scalar.value >= 0x300 else { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    let isWide = scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) }
    return isWide ? 2 : 1
  }

  /// Blocks whose characters are wide, all or nearly all of them (EastAsianWidth.txt).
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97c,
    0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6,
    0x1_6fe0...0x1_b2ff, 0x1_f200...0x1_f265, 0x1_f300...0x1_f64f, 0x1_f900...0x1_f9ff, 0x2_0000...0x3_fffd,
  ]
}

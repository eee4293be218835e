import Glibc

/// How many characters a terminal shows, in a row and in a column.
package struct TerminalSize: Equatable, Sendable {
  package var columns: Int
  package var rows: Int

  /// - Returns: nil where `descriptor` is no terminal, or does not know.
  package init?(_ descriptor: Int32) {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
    columns = Int(size.ws_col)
    rows = Int(size.ws_row)
  }
}

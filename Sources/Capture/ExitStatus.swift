/// How the programs end: what README and minewatch(8) list. From 64 on the numbers are those of sysexits.h; for wrong usage (64) the
/// command line's own library has the number.
package enum ExitStatus: Int32, Comparable, Sendable {
  /// Findings at or over what was asked for.
  case findings = 1
  /// A capture that is damaged or not one.
  case badCapture = 65
  case noInput = 66
  case unavailable = 69
  /// A fault of the program itself.
  case software = 70
  case ioError = 74
  case noPermission = 77
  /// A policy, or a filter, that is not fit to be used.
  case badConfiguration = 78

  package static func < (left: ExitStatus, right: ExitStatus) -> Bool { left.rawValue < right.rawValue }
}

/// A point in packet time: nanoseconds since the Unix epoch, as the capture recorded it.
///
/// Every stage takes its "now" from here, never from a clock, so a replay decides as the wire would have.
/// A capture file can claim any time at all, so arithmetic saturates instead of trapping.
@frozen
public struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable {
  public var nanoseconds: Int64

  @inlinable
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// - Parameters:
  ///   - seconds: whole seconds since the epoch; clamped to what 64 bits of nanoseconds hold (year 2262).
  ///   - nanoseconds: added to it; need not be below one second.
  @inlinable
  public init(seconds: Int64, nanoseconds: Int64 = 0) {
    let whole = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let saturated = whole.overflow ? (seconds < 0 ? Int64.min : .max) : whole.partialValue
    let sum = saturated.addingReportingOverflow(nanoseconds)
    self.nanoseconds = sum.overflow ? (nanoseconds < 0 ? .min : .max) : sum.partialValue
  }

  /// Whole seconds since the epoch, rounded towards the past.
  @inlinable
  public var seconds: Int64 {
    nanoseconds >= 0 ? nanoseconds / 1_000_000_000 : (nanoseconds + 1) / 1_000_000_000 - 1
  }

  /// Time from `earlier` to this, in nanoseconds; negative when `earlier` is later. Saturates.
  @inlinable
  public func nanoseconds(since earlier: Timestamp) -> Int64 {
    let difference = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return difference.overflow ? (nanoseconds < 0 ? .min : .max) : difference.partialValue
  }

  /// Time from `earlier` to this, in seconds; negative when `earlier` is later.
  @inlinable
  public func seconds(since earlier: Timestamp) -> Double {
    Double(nanoseconds(since: earlier)) / 1e9
  }

  /// This time and `nanoseconds` more. Saturates.
  @inlinable
  public func advanced(byNanoseconds nanoseconds: Int64) -> Timestamp {
    let sum = self.nanoseconds.addingReportingOverflow(nanoseconds)
    return Timestamp(nanoseconds: sum.overflow ? (nanoseconds < 0 ? .min : .max) : sum.partialValue)
  }

  /// This time and `duration` more. Saturates.
  public func advanced(by duration: Duration) -> Timestamp {
    advanced(byNanoseconds: duration.saturatedNanoseconds)
  }

  @inlinable
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

extension Duration {
  /// The duration in seconds.
  public var inSeconds: Double { Double(saturatedNanoseconds) / 1e9 }

  /// The duration in whole nanoseconds, clamped to 64 bits (292 years).
  public var saturatedNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let whole = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !whole.overflow else { return seconds < 0 ? .min : .max }
    let sum = whole.partialValue.addingReportingOverflow(attoseconds / 1_000_000_000)
    return sum.overflow ? (seconds < 0 ? .min : .max) : sum.partialValue
  }
}

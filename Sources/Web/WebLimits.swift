/// Every bound of the web program. It keeps nothing between two requests, so these are all; the sensor's are in ``Limits``.
enum WebLimits {
  /// Connections open at once; further ones wait until one closes.
  static let connections = 128
  /// Of these, streams of events. Further ones are refused with 503: a browser tries again.
  static let streams = 64
  /// Seconds that a connection may be idle between requests. Prometheus asks every 15 or 30 seconds on one connection.
  static let idleSeconds: Int64 = 90
  /// Seconds in which the first request of a connection has to be there.
  static let headSeconds: Int64 = 10
  /// Bytes of one request's head. A browser's has 1 KB.
  static let headBytes = 16 << 10
  /// Alerts in one answer.
  static let alerts = 500
  /// Miners in one answer.
  static let miners = 10_000
  /// Miners listed as needing attention; the total stands beside them.
  static let attention = 100
  /// Points of a curve.
  static let points = 400
  /// Pools with figures of their own in `/metrics`, the largest; the others are one, called "others".
  static let pools = 32
  /// Network interfaces with a figure of their own in `/metrics`.
  static let interfaces = 64
}

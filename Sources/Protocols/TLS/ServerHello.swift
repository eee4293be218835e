import Decode

/// What a server chose (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3).
///
///     version 2 | random 32 | session id <0..32> | cipher suite 2 | compression 1 | extensions
struct ServerHello: Equatable {
  /// The version that will be spoken.
  var version: UInt16
  let cipherSuite: UInt16
  /// The protocol chosen by ALPN, where the server says so in the clear: before TLS 1.3.
  var selectedProtocol: [UInt8]?
  /// It asks for another ClientHello.
  let isRetry: Bool

  /// The first eight bytes of the random that marks a HelloRetryRequest: SHA-256 of "HelloRetryRequest".
  private static let retryMark: UInt64 = 0xcf21_ad74_e59a_6111

  /// - Parameter body: the message behind its type and length.
  init?(_ body: RawSpan) {
    var reader = ByteReader(body)
    do throws(DecodeError) {
      version = try reader.readUInt16BE()
      isRetry = try reader.readUInt64BE() == Self.retryMark
      try reader.skip(24)
      _ = try reader.vector8()
      cipherSuite = try reader.readUInt16BE()
      try reader.skip(1)
    } catch {
      return nil
    }
    do throws(DecodeError) {
      guard reader.remaining > 0 else { return }
      var rest = ByteReader(try reader.vector16())
      while rest.remaining > 0 {
        let type = try rest.readUInt16BE()
        var data = ByteReader(try rest.vector16())
        switch TLSExtension(rawValue: type) {
        case .versions: version = try data.readUInt16BE()
        case .protocols:
          var names = ByteReader(try data.vector16())
          selectedProtocol = try names.vector8().byteArray
        default: break
        }
      }
    } catch {
      // What was read before stands.
    }
  }
}

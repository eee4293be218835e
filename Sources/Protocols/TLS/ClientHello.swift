import Decode

/// What a client offers (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2): all that fingerprints are made of, in the client's order.
///
///     version 2 | random 32 | session id <0..32> | cipher suites <2..2^16-2> | compression <1..255> | extensions
struct ClientHello: Equatable {
  /// The version field, which TLS 1.3 leaves at 1.2.
  var legacyVersion: UInt16 = 0
  var cipherSuites: [UInt16] = []
  /// Types of the extensions; empty when there are none.
  var extensions: [UInt16] = []
  /// RFC 6066 §3, lower case, without trailing dot.
  var serverName: String?
  /// RFC 7301 §3.1: as they came, since they need not be text.
  var protocols: [[UInt8]] = []
  /// RFC 8446 §4.2.1.
  var versions: [UInt16] = []
  /// RFC 8446 §4.2.7, once elliptic curves.
  var groups: [UInt16] = []
  /// RFC 8422 §5.1.2.
  var pointFormats: [UInt8] = []
  /// RFC 8446 §4.2.3.
  var signatureAlgorithms: [UInt16] = []
  /// A length inside leads past the end of what holds it. What came before it stands.
  var isMalformed = false

  /// The highest version on offer.
  var version: UInt16 {
    versions.filter { !GREASE.contains($0) }.max() ?? legacyVersion
  }
}

extension ClientHello {
  /// - Parameter body: the message behind its type and length.
  /// - Returns: `nil` when not even the cipher suites are there.
  init?(_ body: RawSpan) {
    var reader = ByteReader(body)
    do throws(DecodeError) {
      legacyVersion = try reader.readUInt16BE()
      try reader.skip(32)
      _ = try reader.vector8()
      cipherSuites = try reader.vector16().numbers
      _ = try reader.vector8()
    } catch {
      return nil
    }
    guard reader.remaining > 0 else { return }
    do throws(DecodeError) {
      var rest = ByteReader(try reader.vector16())
      while rest.remaining > 0 {
        let type = try rest.readUInt16BE()
        extensions.append(type)
        read(type, try rest.vector16())
      }
    } catch {
      isMalformed = true
    }
  }

  private mutating func read(_ type: UInt16, _ data: RawSpan) {
    var reader = ByteReader(data)
    do throws(DecodeError) {
      switch TLSExtension(rawValue: type) {
      case .serverName: try readNames(&reader)
      case .groups: groups = try reader.vector16().numbers
      case .pointFormats: pointFormats = try reader.vector8().byteArray
      case .signatureAlgorithms: signatureAlgorithms = try reader.vector16().numbers
      case .protocols:
        var names = ByteReader(try reader.vector16())
        while names.remaining > 0 { protocols.append(try names.vector8().byteArray) }
      case .versions: versions = try reader.vector8().numbers
      case nil: break
      }
    } catch {
      isMalformed = true
    }
  }

  /// A list that may hold one host name; other types of names were never defined.
  private mutating func readNames(_ reader: inout ByteReader) throws(DecodeError) {
    var names = ByteReader(try reader.vector16())
    while names.remaining > 0 {
      let type = try names.readUInt8()
      let name = try names.vector16()
      guard type == 0, serverName == nil, !name.isEmpty else { continue }
      serverName = name.hostName
    }
  }
}

extension RawSpan {
  /// A host's name as names are compared: lower case, without trailing dot.
  var hostName: String {
    let endsWithDot = byteCount > 1 && byte(at: byteCount - 1) == UInt8(ascii: ".")
    return extracting(0..<(endsWithDot ? byteCount - 1 : byteCount)).wireText.lowercased()
  }
}

/// Extensions that are read (IANA, TLS ExtensionType Values).
enum TLSExtension: UInt16 {
  case serverName = 0
  case groups = 10
  case pointFormats = 11
  case signatureAlgorithms = 13
  case protocols = 16
  case versions = 43
}

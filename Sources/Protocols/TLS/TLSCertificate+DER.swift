import Capture
import Decode
import SwiftASN1

/// Reads the fields of a certificate that a person asks for (RFC 5280 §4.1):
///
///     Certificate  ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }
///     TBSCertificate ::= SEQUENCE { [0] version?, serialNumber, signature, issuer, validity, subject,
///                                   subjectPublicKeyInfo, [1]?, [2]?, [3] extensions? }
///
/// swift-asn1 decodes the encoding. What is not where it should be is left out: miners' own certificates are often
/// not quite as the RFC has them, and then every other field still tells.
extension TLSCertificate {
  mutating func read(_ certificate: [UInt8]) {
    guard let root = try? DER.parse(certificate), let body = root.children.first else { return }
    var fields = body.children[...]
    if fields.first?.identifier == .context(0) { fields = fields.dropFirst() }
    let rest = Array(fields)
    guard rest.count >= 5 else { return }
    let (issuerNode, validity, subjectNode) = (rest[2], rest[3], rest[4])
    issuer = Self.text(issuerNode)
    subject = Self.text(subjectNode)
    isSelfSigned = issuerNode.encodedBytes == subjectNode.encodedBytes
    let times = validity.children
    notBefore = times.first.flatMap(Self.day)
    notAfter = times.dropFirst().first.flatMap(Self.day)
    for field in rest.dropFirst(5) where field.identifier == .context(3) { readExtensions(field) }
  }

  // MARK: Names

  private static let attributes: [ASN1ObjectIdentifier: String] = [
    [2, 5, 4, 3]: "CN", [2, 5, 4, 6]: "C", [2, 5, 4, 7]: "L", [2, 5, 4, 8]: "ST", [2, 5, 4, 10]: "O",
    [2, 5, 4, 11]: "OU",
  ]

  /// A distinguished name: a sequence of sets of type and value. Attributes that nobody needs are left out.
  private static func text(_ name: ASN1Node) -> String {
    var parts: [String] = []
    for attribute in name.children.flatMap(\.children) {
      let pair = attribute.children
      guard pair.count == 2, let type = try? ASN1ObjectIdentifier(derEncoded: pair[0]), let label = attributes[type],
        case .primitive(let value) = pair[1].content
      else { continue }
      parts.append("\(label)=\(value.wireText)")
    }
    return parts.joined(separator: ", ").utf8.wireText
  }

  // MARK: Validity

  private static func day(_ node: ASN1Node) -> String? {
    if let time = try? UTCTime(derEncoded: node) { return day(time.year, time.month, time.day) }
    return (try? GeneralizedTime(derEncoded: node)).map { day($0.year, $0.month, $0.day) }
  }

  private static func day(_ year: Int, _ month: Int, _ day: Int) -> String {
    "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
  }

  // MARK: Extensions

  private static let alternativeNames: ASN1ObjectIdentifier = [2, 5, 29, 17]

  private mutating func readExtensions(_ field: ASN1Node) {
    for entry in field.children.flatMap(\.children) {
      let parts = entry.children
      guard let first = parts.first, let type = try? ASN1ObjectIdentifier(derEncoded: first),
        type == Self.alternativeNames, case .primitive(let value)? = parts.last?.content,
        let list = try? DER.parse(value)
      else { continue }
      for name in list.children.prefix(Limits.certificateNames) { readName(name) }
    }
  }

  private mutating func readName(_ name: ASN1Node) {
    guard case .primitive(let value) = name.content else { return }
    if name.identifier == .context(2) {
      names.append(value.wireText.lowercased())
    } else if name.identifier == .context(7), let address = Array(value).withRawSpan(Self.address) {
      names.append(address.description)
    }
  }

  private static func address(_ bytes: RawSpan) -> IPAddress? {
    switch bytes.byteCount {
    case 4: IPAddress(v4: bytes.uint32(at: 0))
    case 16: IPAddress(high: bytes.uint64(at: 0), low: bytes.uint64(at: 8))
    default: nil
    }
  }
}

extension ASN1Node {
  /// What a constructed value holds; nothing for a primitive one.
  fileprivate var children: [ASN1Node] {
    if case .constructed(let nodes) = content { Array(nodes) } else { [] }
  }
}

extension ASN1Identifier {
  fileprivate static func context(_ number: UInt) -> ASN1Identifier {
    ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
  }
}

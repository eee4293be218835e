import Capture
import Crypto
import Decode

/// What a server's certificate says (RFC 5280). Nothing of it is verified: a tap has no list of authorities to believe.
package struct TLSCertificate: Equatable, Sendable {
  /// Of the whole certificate as it came, in hexadecimal: what others call its fingerprint.
  package var sha256: String
  /// How many certificates the server sent, this one included.
  package var chainLength: Int
  /// "CN=example.org, O=Example", in the order of the certificate; empty when it has none or cannot be read.
  package var subject = ""
  package var issuer = ""
  /// DNS names and addresses that it is for (RFC 5280 §4.2.1.6), the first ``Capture/Limits/certificateNames`` of them.
  package var names: [String] = []
  /// Days of the calendar, "2026-11-22".
  package var notBefore: String?
  package var notAfter: String?
  /// Issuer and subject are the same, byte by byte.
  package var isSelfSigned = false

  package init(
    sha256: String, chainLength: Int = 1, subject: String = "", issuer: String = "", names: [String] = [],
    notBefore: String? = nil, notAfter: String? = nil, isSelfSigned: Bool = false
  ) {
    self.sha256 = sha256
    self.chainLength = chainLength
    self.subject = subject
    self.issuer = issuer
    self.names = names
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.isSelfSigned = isSelfSigned
  }

  /// - Parameter chain: a Certificate message's body (RFC 5246 §7.4.2): a list of certificates, the server's own first.
  init?(_ chain: RawSpan) {
    var own: [UInt8]?
    var count = 0
    do throws(DecodeError) {
      var reader = ByteReader(chain)
      var list = ByteReader(try reader.vector24())
      while list.remaining > 0 {
        let certificate = try list.vector24()
        if own == nil { own = certificate.byteArray }
        count += 1
      }
    } catch {
      // Those before the break count.
    }
    guard let own else { return nil }
    sha256 = hexadecimal(SHA256.hash(data: own))
    chainLength = count
    read(own)
  }
}

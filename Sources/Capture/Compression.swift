/// A way of compressing that capture files are often found in. libpcap reads none of them.
package enum Compression: String, CaseIterable, Sendable {
  case gzip, xz, zstd, bzip2, lz4

  /// The first bytes of a file: RFC 1952 §2.3.1, xz-file-format §2.1.1.1, RFC 8878 §3.1.1, the bzip2 manual, and
  /// the LZ4 frame format. No pcap or pcapng file begins with the first byte of any of them.
  var magic: [UInt8] {
    switch self {
    case .gzip: [0x1f, 0x8b]
    case .xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
    case .zstd: [0x28, 0xb5, 0x2f, 0xfd]
    case .bzip2: [0x42, 0x5a, 0x68]
    case .lz4: [0x04, 0x22, 0x4d, 0x18]
    }
  }

  /// The program that writes the unpacked file to standard output.
  package var unpacker: String {
    switch self {
    case .gzip: "zcat"
    case .xz: "xzcat"
    case .zstd: "zstdcat"
    case .bzip2: "bzcat"
    case .lz4: "lz4cat"
    }
  }
}

/// Why a capture file or an interface cannot be read.
///
/// ``sentence`` says it to a person: what, where and the cure, on one line.
package enum CaptureError: Error, Equatable, Sendable {
  // MARK: Files

  case noSuchFile(path: String)
  case directory(path: String)
  case fileNotPermitted(path: String)
  /// The system refused to open or to go on reading.
  case fileFailed(path: String, reason: String)
  case empty(path: String)
  case compressed(path: String, by: Compression)
  /// Neither pcap nor pcapng, or a header that makes no sense; `reason` is libpcap's.
  case notACapture(path: String, reason: String)
  /// The file breaks off or turns to nonsense after `framesRead` frames, all of which were delivered.
  case damaged(path: String, framesRead: UInt64, reason: String)

  /// A pcapng file whose interfaces differ in link type or snap length: libpcap reads as far as the first that does.
  case mixedInterfaces(path: String, framesRead: UInt64, reason: String)
  /// `name` is libpcap's name of the link type, `number` its DLT_ number.
  case unreadableLinkType(path: String, name: String, number: Int32)

  // MARK: Files and interfaces

  /// libpcap does not understand `filter`; `reason` is its word.
  case badFilter(filter: String, source: String, reason: String)

  // MARK: Interfaces

  /// `available` are the names of those that exist.
  case noSuchInterface(name: String, available: [String])
  case interfaceDown(name: String)
  /// Removed or renamed while it was read. The handle does not recover: open the interface again.
  case interfaceDisappeared(name: String)
  case captureNotPermitted(name: String)
  case interfaceFailed(name: String, reason: String)
  /// `poll` failed for another reason than a signal.
  case waitFailed(reason: String)

  /// What a program ends with that cannot go on for it.
  package var exitStatus: ExitStatus {
    switch self {
    case .noSuchFile, .directory: .noInput
    case .empty, .compressed, .notACapture, .damaged, .mixedInterfaces, .unreadableLinkType: .badCapture
    case .fileFailed, .waitFailed: .ioError
    case .fileNotPermitted, .captureNotPermitted: .noPermission
    case .badFilter: .badConfiguration
    case .noSuchInterface, .interfaceDown, .interfaceDisappeared, .interfaceFailed: .unavailable
    }
  }
}

extension CaptureError: CustomStringConvertible {
  package var description: String { sentence }

  /// One sentence for a person: what failed, where, and the cure. Holds no line break and no other control character,
  /// whatever a file name or libpcap brought in.
  package var sentence: String {
    let (failure, cure) = parts
    return "\(failure); \(cure)".withoutControlCharacters
  }

  private var parts: (failure: String, cure: String) {
    switch self {
    case .noSuchFile(let path):
      ("cannot read \(path): there is no such file", "check the path")
    case .directory(let path):
      ("cannot read \(path): it is a directory", "name the capture files in it")
    case .fileNotPermitted(let path):
      ("cannot read \(path): no permission", "let this user read it (chmod, chown) or run as one who may")
    case .fileFailed(let path, let reason):
      ("cannot read \(path): \(reason)", "check the disk or the pipe it comes from and try again")
    case .empty(let path):
      ("cannot read \(path): it is empty", "check the program that was to write it")
    case .compressed(let path, let compression):
      (
        "cannot read \(path): it is compressed with \(compression.rawValue)",
        "unpack it on the way in: \(compression.unpacker) FILE | minewatch replay -"
      )
    case .notACapture(let path, let reason):
      ("cannot read \(path): it is no pcap or pcapng capture (\(reason))", "record one: tcpdump -i INTERFACE -w FILE")
    case .damaged(let path, let framesRead, let reason):
      (
        "cannot read all of \(path): it is damaged after \(framesRead) whole frames (\(reason))",
        "those were read; for the rest record it or copy it again"
      )
    case .mixedInterfaces(let path, let framesRead, let reason):
      (
        "cannot read all of \(path): \(framesRead) frames were read, then \(reason)",
        "record each interface in a file of its own"
      )
    case .unreadableLinkType(let path, let name, let number):
      (
        "cannot read \(path): its link type \(name) (\(number)) is not one that is read",
        "capture Ethernet, raw IP or Linux cooked frames"
      )
    case .badFilter(let filter, let source, let reason):
      (
        "cannot use the filter \"\(filter.prefix(200))\" on \(source): \(reason)",
        "correct it as pcap-filter(7) describes"
      )
    case .noSuchInterface(let name, let available):
      (
        "cannot capture on \(name): there is no such interface",
        available.isEmpty ? "list them with: ip link" : "choose one of \(available.joined(separator: ", "))"
      )
    case .interfaceDown(let name):
      ("cannot capture on \(name): it is down", "bring it up: ip link set \(name) up")
    case .interfaceDisappeared(let name):
      (
        "cannot go on capturing on \(name): it was removed or renamed",
        "bring it back under that name and open it again"
      )
    case .captureNotPermitted(let name):
      (
        "cannot capture on \(name): no permission",
        "give the program CAP_NET_RAW (setcap cap_net_raw=ep FILE) or run it as root"
      )
    case .interfaceFailed(let name, let reason):
      ("cannot capture on \(name): \(reason)", "check it with: ip -details link show \(name)")
    case .waitFailed(let reason):
      ("cannot wait for frames: \(reason)", "check the memory and descriptors that this process may have")
    }
  }
}

extension String {
  /// The text with a question mark for each scalar that could break a line or steer a terminal: controls, format
  /// characters (among them those that turn the direction of writing) and separators of lines and paragraphs.
  var withoutControlCharacters: String {
    var clean = UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: clean.append("?")
      default: clean.append(scalar)
      }
    }
    return String(clean)
  }
}

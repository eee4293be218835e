import Capture
import Testing

@Suite struct CaptureErrorTests {
  /// A name as an attacker might choose it: colours, a bell, a line of its own, text written from right to left.
  static let hostile = "a\u{1b}[31m\u{7}\nb\r\u{85}\u{2028}\u{202e}c"
  static let tame = "a?[31m??b????c"

  static let table: [(CaptureError, Int32, String)] = [
    (.noSuchFile(path: "x"), 66, "cannot read x: there is no such file; check the path"),
    (.directory(path: "x"), 66, "cannot read x: it is a directory; name the capture files in it"),
    (
      .fileNotPermitted(path: "x"), 77,
      "cannot read x: no permission; let this user read it (chmod, chown) or run as one who may"
    ),
    (
      .fileFailed(path: "x", reason: "Input/output error"), 74,
      "cannot read x: Input/output error; check the disk or the pipe it comes from and try again"
    ),
    (.empty(path: "x"), 65, "cannot read x: it is empty; check the program that was to write it"),
    (
      .compressed(path: "x", by: .gzip), 65,
      "cannot read x: it is compressed with gzip; unpack it on the way in: zcat FILE | minewatch replay -"
    ),
    (
      .notACapture(path: "x", reason: "unknown file format"), 65,
      "cannot read x: it is no pcap or pcapng capture (unknown file format); record one: tcpdump -i INTERFACE -w FILE"
    ),
    (
      .damaged(path: "x", framesRead: 3, reason: "truncated"), 65,
      "cannot read all of x: it is damaged after 3 whole frames (truncated); "
        + "those were read; for the rest record it or copy it again"
    ),
    (
      .mixedInterfaces(path: "x", framesRead: 3, reason: "an interface has a type 113"), 65,
      "cannot read all of x: 3 frames were read, then an interface has a type 113; "
        + "record each interface in a file of its own"
    ),
    (
      .unreadableLinkType(path: "x", name: "IEEE802_11", number: 105), 65,
      "cannot read x: its link type IEEE802_11 (105) is not one that is read; "
        + "capture Ethernet, raw IP or Linux cooked frames"
    ),
    (
      .badFilter(filter: "tpc", source: "eth0", reason: "syntax error"), 78,
      "cannot use the filter \"tpc\" on eth0: syntax error; correct it as pcap-filter(7) describes"
    ),
    (
      .noSuchInterface(name: "eth9", available: ["eth0", "lo"]), 69,
      "cannot capture on eth9: there is no such interface; choose one of eth0, lo"
    ),
    (
      .noSuchInterface(name: "eth9", available: []), 69,
      "cannot capture on eth9: there is no such interface; list them with: ip link"
    ),
    (.interfaceDown(name: "eth0"), 69, "cannot capture on eth0: it is down; bring it up: ip link set eth0 up"),
    (
      .interfaceDisappeared(name: "eth0"), 69,
      "cannot go on capturing on eth0: it was removed or renamed; bring it back under that name and open it again"
    ),
    (
      .captureNotPermitted(name: "eth0"), 77,
      "cannot capture on eth0: no permission; "
        + "give the program CAP_NET_RAW (setcap cap_net_raw=ep FILE) or run it as root"
    ),
    (
      .interfaceFailed(name: "eth0", reason: "no memory"), 69,
      "cannot capture on eth0: no memory; check it with: ip -details link show eth0"
    ),
    (
      .waitFailed(reason: "Cannot allocate memory"), 74,
      "cannot wait for frames: Cannot allocate memory; check the memory and descriptors that this process may have"
    ),
  ]

  @Test(arguments: table)
  func `says what, where and the cure in one sentence`(error: CaptureError, exitCode: Int32, sentence: String) {
    #expect(error.sentence == sentence)
    #expect(error.description == sentence)
    #expect(error.exitStatus.rawValue == exitCode)
    #expect(isOneSentence(error.sentence))
  }

  @Test func `keeps a hostile name from steering the terminal`() {
    let errors: [CaptureError] = [
      .noSuchFile(path: Self.hostile), .damaged(path: "x", framesRead: 0, reason: Self.hostile),
      .badFilter(filter: Self.hostile, source: "x", reason: "x"),
      .noSuchInterface(name: "x", available: [Self.hostile]),
    ]
    for error in errors {
      #expect(isOneSentence(error.sentence))
      #expect(error.sentence.contains(Self.tame))
    }
  }

  @Test func `cuts a filter that is too long for a sentence`() {
    let filter = String(repeating: "tcp or ", count: 1_000)
    #expect(CaptureError.badFilter(filter: filter, source: "x", reason: "y").sentence.count < 400)
  }
}

import Capture
import Foundation
import Glibc
import Testing

@Suite struct CaptureFileTests {
  /// 2026-11-22 12:00:00 UTC.
  static let noon: UInt32 = 1_795_348_800

  @Test(arguments: [false, true], [false, true])
  func `reads pcap in both byte orders and both precisions`(isBigEndian: Bool, isNano: Bool) throws {
    var file = CaptureBytes.pcap(isBigEndian: isBigEndian, isNano: isNano)
    for number in 0..<5 as Range<UInt32> {
      file.record(seconds: Self.noon + number, fraction: 123_456, length: 1514, experimentalFrame(number))
    }
    let reading = try Reading(bytes: file.bytes, source: 7)
    #expect(reading.failure == nil)
    #expect(reading.frames.map(\.bytes) == (0..<5).map { experimentalFrame($0) })
    #expect(reading.frames.allSatisfy { $0.originalLength == 1514 && $0.linkType == .ethernet && $0.source == 7 })
    let fraction: Int64 = isNano ? 123_456 : 123_456_000
    #expect(
      reading.frames.map(\.timestamp)
        == (0..<5).map { Timestamp(seconds: Int64(Self.noon) + $0, nanoseconds: fraction) })
  }

  @Test(arguments: [false, true])
  func `reads pcapng with an own resolution for each interface`(isBigEndian: Bool) throws {
    var file = CaptureBytes.pcapng(isBigEndian: isBigEndian)
    file.interface()
    file.interface(resolution: 9)
    file.interface(resolution: 0x80 | 10)  // 1,024 ticks a second
    file.block(5, [UInt8](repeating: 0, count: 12))  // interface statistics, to be passed over
    file.packet(interface: 0, ticks: UInt64(Self.noon) * 1_000_000 + 5, experimentalFrame(0, byteCount: 61))
    file.packet(interface: 1, ticks: UInt64(Self.noon) * 1_000_000_000 + 7, experimentalFrame(1))
    file.packet(interface: 2, ticks: UInt64(Self.noon) * 1_024 + 512, length: 90, experimentalFrame(2))
    let reading = try Reading(bytes: file.bytes)
    #expect(reading.failure == nil)
    #expect(reading.frames.map(\.bytes.count) == [61, 60, 60])
    #expect(reading.frames.map(\.originalLength) == [61, 60, 90])
    #expect(reading.frames.map { $0.timestamp.nanoseconds % 1_000_000_000 } == [5_000, 7, 500_000_000])
    #expect(reading.frames.allSatisfy { $0.timestamp.seconds == Int64(Self.noon) })
  }

  @Test func `says how much was read and when the file ends`() throws {
    let stored = try TemporaryFile(Self.fiveFrames.bytes)
    var file = try CaptureFile(path: stored.path, source: 0)
    #expect(try file.forEachFrame(limit: 2) { _ in } == .init(frames: 2, ended: false))
    #expect(try file.forEachFrame(limit: 3) { _ in } == .init(frames: 3, ended: false))
    #expect(try file.forEachFrame(limit: 3) { _ in } == .init(frames: 0, ended: true))
    #expect(try file.forEachFrame(limit: 3) { _ in } == .init(frames: 0, ended: true))
    let (path, framesRead, progress) = (file.path, file.framesRead, file.progress)
    #expect(path == stored.path)
    #expect(framesRead == 5)
    #expect(progress == 1)
  }

  @Test(arguments: [Int.min, -1, 0, 1])
  func `takes a limit below one for one`(limit: Int) throws {
    let stored = try TemporaryFile(Self.fiveFrames.bytes)
    var file = try CaptureFile(path: stored.path, source: 0)
    #expect(try file.forEachFrame(limit: limit) { _ in } == .init(frames: 1, ended: false))
  }

  @Test func `progress goes from nothing to all`() throws {
    var bytes = CaptureBytes.pcap()
    for number in 0..<1_000 as Range<UInt32> {
      bytes.record(seconds: number, fraction: 0, experimentalFrame(number, byteCount: 1_000))
    }
    let stored = try TemporaryFile(bytes.bytes)
    var file = try CaptureFile(path: stored.path, source: 0)
    var last = file.progress ?? 1
    #expect(last < 0.3)
    while try !file.forEachFrame(limit: 100, { _ in }).ended {
      let now = file.progress ?? 0
      #expect(now >= last)
      last = now
    }
    #expect(last == 1)
  }

  @Test func `reads raw IP under its LINKTYPE number`() throws {
    var file = CaptureBytes.pcap(linkType: 101)
    file.record(seconds: 0, fraction: 0, [0x45])
    #expect(try Reading(bytes: file.bytes).frames.first?.linkType == .raw)
  }

  @Test(arguments: [
    (0x8000_0000, 0, Timestamp(seconds: 1 << 31)),  // 2038, when a signed count of seconds ends
    (0xffff_ffff, 0, Timestamp(seconds: 0xffff_ffff)),
    (10, 1_000_000, Timestamp(seconds: 11)),  // a microsecond too many
    (10, 0x7fff_ffff, Timestamp(seconds: 10, nanoseconds: 0x7fff_ffff * 1_000)),
    (10, 0xffff_ffff, Timestamp(seconds: 10, nanoseconds: -1_000)),  // libpcap reads a sign where there is none
  ])
  func `takes any time stamp of a pcap file`(seconds: UInt32, fraction: UInt32, expected: Timestamp) throws {
    var file = CaptureBytes.pcap()
    file.record(seconds: seconds, fraction: fraction, experimentalFrame(0))
    #expect(try Reading(bytes: file.bytes).frames.map(\.timestamp) == [expected])
  }

  @Test(arguments: [UInt8](0...19) + (128...190) as [UInt8])
  func `takes any time stamp and resolution of a pcapng file`(resolution: UInt8) throws {
    for ticks in [0, 1, UInt64(Int64.max), .max] {
      var file = CaptureBytes.pcapng()
      file.interface(resolution: resolution)
      file.packet(ticks: ticks, experimentalFrame(0))
      let reading = try Reading(bytes: file.bytes)
      #expect(reading.frames.count == 1 || reading.failure != nil)
    }
  }

  @Test func `clamps a time beyond what 64 bits of nanoseconds hold`() throws {
    var file = CaptureBytes.pcapng()
    file.interface(resolution: 0)  // ticks of a second
    file.packet(ticks: UInt64(Int64.max), experimentalFrame(0))
    #expect(try Reading(bytes: file.bytes).frames.map(\.timestamp.nanoseconds) == [.max])
  }

  @Test func `believes the bytes when a record claims fewer on the wire`() throws {
    var file = CaptureBytes.pcap()
    file.record(seconds: 0, fraction: 0, length: 3, experimentalFrame(0))
    file.record(seconds: 0, fraction: 0, length: .max, experimentalFrame(1))
    let reading = try Reading(bytes: file.bytes)
    #expect(reading.frames.map(\.originalLength) == [60, Int(UInt32.max)])
    #expect(reading.frames.map(\.bytes.count) == [60, 60])
  }

  @Test func `reads empty frames and frames over the snap length`() throws {
    var file = CaptureBytes.pcap(snapLength: 64)
    file.record(seconds: 0, fraction: 0, [])
    file.record(seconds: 0, fraction: 0, experimentalFrame(1, byteCount: 200))
    file.record(seconds: 0, fraction: 0, experimentalFrame(2))
    #expect(try Reading(bytes: file.bytes).frames.map(\.bytes.count) == [0, 64, 60])
  }

  @Test func `lets through only what the filter matches`() throws {
    var file = Self.fiveFrames
    file.record(seconds: 0, fraction: 0, [UInt8](repeating: 0xff, count: 60))
    #expect(try Reading(bytes: file.bytes, filter: "ether proto 0x88b5").frames.count == 5)
    #expect(try Reading(bytes: file.bytes, filter: "ether broadcast").frames.count == 1)
    #expect(try Reading(bytes: file.bytes, filter: "").frames.count == 6)
  }

  @Test func `reads standard input and what cannot be rewound`() throws {
    let stored = try TemporaryFile(Self.fiveFrames.bytes)
    let saved = dup(STDIN_FILENO)
    defer {
      dup2(saved, STDIN_FILENO)
      close(saved)
    }
    let input = try #require(FileHandle(forReadingAtPath: stored.path))
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: input.readToEnd() ?? Data())
    try pipe.fileHandleForWriting.close()
    dup2(pipe.fileHandleForReading.fileDescriptor, STDIN_FILENO)

    var file = try CaptureFile(path: "-", source: 0)
    let (name, progress) = (file.path, file.progress)
    #expect(name == "standard input")
    #expect(progress == nil)
    #expect(try file.forEachFrame(limit: 10) { _ in } == .init(frames: 5, ended: true))
  }

  static var fiveFrames: CaptureBytes {
    var file = CaptureBytes.pcap()
    for number in 0..<5 as Range<UInt32> {
      file.record(seconds: noon + number, fraction: 0, experimentalFrame(number))
    }
    return file
  }
}

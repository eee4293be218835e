import Capture
import Foundation
import Testing

/// Captures from a real interface. Frames have an EtherType that nothing else sends, so what the kernel itself says on the
/// cable does not count.
@Suite(.serialized, .enabled(if: LabCable.obstacle == nil, Comment(rawValue: LabCable.obstacle ?? "")))
struct LiveCaptureTests {
  @Test func `captures every frame in order and counts as the kernel does`() throws {
    let cable = try LabCable()
    var capture = try LiveCapture(interface: cable.near, source: 3, settings: Self.settings())
    let (linkType, warnings) = (capture.linkType, capture.warnings)
    #expect(linkType == .ethernet)
    #expect(warnings.isEmpty)

    let sent = (0..<2_000 as Range<UInt32>).map { experimentalFrame($0, byteCount: 60 + Int($0 % 1_000)) }
    try cable.replay(sent, pace: "--pps=100000")
    var kept: [KeptFrame] = []
    try Self.drain(&capture, expecting: sent.count) { kept.append(KeptFrame($0)) }

    #expect(kept.map(\.bytes) == sent)
    #expect(kept.allSatisfy { $0.source == 3 && $0.originalLength == $0.bytes.count })
    let times = kept.map(\.timestamp)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(times.contains { $0.nanoseconds % 1_000 != 0 }, "the kernel has nanoseconds to give")

    var expected = CaptureStatistics()
    expected.received = 2_000
    #expect(capture.statistics() == expected)
  }

  @Test func `hands over one frame at a time without losing the rest of a block`() throws {
    let cable = try LabCable()
    var capture = try LiveCapture(interface: cable.near, source: 0, settings: Self.settings())
    let sent = (0..<50 as Range<UInt32>).map { experimentalFrame($0) }
    try cable.replay(sent)
    var kept: [[UInt8]] = []
    try Self.drain(&capture, expecting: sent.count, limit: 1) { kept.append(KeptFrame($0).bytes) }
    #expect(kept == sent)
  }

  @Test func `cuts a frame at the snap length and says how long it was`() throws {
    let cable = try LabCable()
    var settings = Self.settings()
    settings.snapLength = 64
    var capture = try LiveCapture(interface: cable.near, source: 0, settings: settings)
    try cable.replay([experimentalFrame(1, byteCount: 900)])
    var kept: [KeptFrame] = []
    try Self.drain(&capture, expecting: 1) { kept.append(KeptFrame($0)) }
    #expect(kept.map(\.bytes.count) == [64])
    #expect(kept.map(\.originalLength) == [900])
  }

  @Test func `filters a tagged frame as if it had no tag and delivers the tag`() throws {
    let cable = try LabCable()
    var tagged = experimentalFrame(1)
    tagged.insert(contentsOf: [0x81, 0x00, 0x00, 0x0a], at: 12)  // VLAN 10
    var capture = try LiveCapture(interface: cable.near, source: 0, settings: Self.settings())
    try cable.replay([tagged])
    var kept: [[UInt8]] = []
    try Self.drain(&capture, expecting: 1) { kept.append(KeptFrame($0).bytes) }
    #expect(kept == [tagged])
    #expect(try Reading(bytes: CaptureBytes.pcap(of: [tagged]).bytes, filter: Self.settings().filter).frames.isEmpty)
  }

  @Test func `counts what the ring had no room for`() throws {
    let cable = try LabCable()
    var settings = Self.settings()
    settings.bufferBytes = 1 << 20
    var capture = try LiveCapture(interface: cable.near, source: 0, settings: settings)
    let sent = (0..<6_000 as Range<UInt32>).map { experimentalFrame($0, byteCount: 1_400) }
    try cable.replay(sent)
    var frames = 0
    while try LiveCapture.wait(for: [capture.fileDescriptor], milliseconds: 300) > 0 {
      frames += try capture.dispatch(limit: 100_000) { _ in }
    }
    let statistics = capture.statistics()
    #expect(statistics.received == 6_000)
    #expect(statistics.droppedByKernel > 0)
    #expect(statistics.received - statistics.droppedByKernel == UInt64(frames))
  }

  @Test func `waits for several interfaces and returns when the time is over`() throws {
    let (one, other) = (try LabCable(), try LabCable())
    let idle = try LiveCapture(interface: one.near, source: 0, settings: Self.settings())
    var busy = try LiveCapture(interface: other.near, source: 1, settings: Self.settings())
    let descriptors = [idle.fileDescriptor, busy.fileDescriptor]
    #expect(try LiveCapture.wait(for: descriptors, milliseconds: 0) == 0)
    #expect(try LiveCapture.wait(for: descriptors, milliseconds: 150) == 0)
    #expect(try LiveCapture.wait(for: [], milliseconds: -1) == 0)
    #expect(try busy.dispatch(limit: 10) { _ in } == 0)

    try other.replay([experimentalFrame(1)])
    #expect(try LiveCapture.wait(for: descriptors, milliseconds: 5_000) == 1)
    #expect(try busy.dispatch(limit: 10) { _ in } == 1)
  }

  @Test func `says that the interface was removed`() throws {
    let cable = try LabCable()
    var capture = try LiveCapture(interface: cable.near, source: 0, settings: Self.settings())
    try cable.ip("link", "del", cable.near)
    #expect(try Self.failure(of: &capture) == .interfaceDisappeared(name: cable.near))
    #expect(Interfaces.state(of: cable.near) == .absent)
    #expect(capture.statistics() == CaptureStatistics())
  }

  @Test func `says that the interface was renamed`() throws {
    let cable = try LabCable()
    var capture = try LiveCapture(interface: cable.near, source: 0, settings: Self.settings())
    try cable.ip("link", "set", cable.near, "down")
    try cable.ip("link", "set", cable.near, "name", cable.near + "x")
    try cable.ip("link", "set", cable.near + "x", "up")
    defer { try? cable.ip("link", "del", cable.near + "x") }
    #expect(try Self.failure(of: &capture) == .interfaceDisappeared(name: cable.near))
  }

  @Test func `goes on after the interface was down for a while`() throws {
    let cable = try LabCable()
    var capture = try LiveCapture(interface: cable.near, source: 0, settings: Self.settings())
    #expect(Interfaces.state(of: cable.near) == .running)
    try cable.ip("link", "set", cable.near, "down")
    #expect(Interfaces.state(of: cable.near) == .down)
    // The socket reports the change once; after that it must be quiet, or a reader would spin.
    var reports = 0
    while try LiveCapture.wait(for: [capture.fileDescriptor], milliseconds: 150) > 0, reports < 10 {
      #expect(try capture.dispatch(limit: 10) { _ in } == 0)
      reports += 1
    }
    #expect(reports <= 1)
    try cable.raise()
    try cable.replay([experimentalFrame(1)])
    var frames = 0
    try Self.drain(&capture, expecting: 1) { _ in frames += 1 }
    #expect(frames == 1)
  }

  @Test func `refuses an interface that is down or absent`() throws {
    let cable = try LabCable()
    try cable.ip("link", "set", cable.near, "down")
    #expect(throws: CaptureError.interfaceDown(name: cable.near)) { try Self.open(cable.near) }
    for name in ["mwnosuch0", "", "lo\0x"] {
      let failure = #expect(throws: CaptureError.self) { try Self.open(name) }
      guard case .noSuchInterface(name, let available) = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
      #expect(available.contains("lo") && available.contains(cable.near))
    }
  }

  @Test func `quotes a filter that is not valid`() throws {
    let cable = try LabCable()
    let failure = #expect(throws: CaptureError.self) { try Self.open(cable.near, filter: "tcp prot 3333") }
    #expect(failure?.exitStatus == .badConfiguration)
    #expect(failure?.sentence.contains("\"tcp prot 3333\" on \(cable.near)") == true)
  }

  @Test func `reads all interfaces at once as Linux cooked frames`() throws {
    let cable = try LabCable()
    var capture = try LiveCapture(interface: "any", source: 0, settings: Self.settings())
    try cable.replay([experimentalFrame(9)])
    var kept: [KeptFrame] = []
    try Self.drain(&capture, expecting: 1) { kept.append(KeptFrame($0)) }
    #expect(kept.map(\.linkType) == [.linuxCooked])
    #expect(kept.map { Array($0.bytes.dropFirst(16)) } == [Array(experimentalFrame(9).dropFirst(14))])
  }

  // MARK: Steps

  private static func settings() -> LiveCapture.Settings {
    var settings = LiveCapture.Settings()
    settings.bufferBytes = 8 << 20
    settings.filter = "ether proto 0x88b5"
    return settings
  }

  private static func open(_ name: String, filter: String = "") throws {
    var settings = settings()
    settings.filter = filter
    _ = try LiveCapture(interface: name, source: 0, settings: settings)
  }

  /// Reads until `count` frames came, or until none comes for two seconds.
  private static func drain(
    _ capture: inout LiveCapture, expecting count: Int, limit: Int = 512, _ body: (borrowing Frame) -> Void
  ) throws {
    var frames = 0
    while frames < count, try LiveCapture.wait(for: [capture.fileDescriptor], milliseconds: 2_000) > 0 {
      frames += try capture.dispatch(limit: limit, body)
    }
  }

  /// What ends the reading; `nil` when nothing does.
  private static func failure(of capture: inout LiveCapture) throws -> CaptureError? {
    for _ in 0..<20 {
      _ = try LiveCapture.wait(for: [capture.fileDescriptor], milliseconds: 100)
      do throws(CaptureError) {
        _ = try capture.dispatch(limit: 10) { _ in }
      } catch {
        return error
      }
    }
    return nil
  }
}

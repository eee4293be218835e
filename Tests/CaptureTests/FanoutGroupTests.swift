import Capture
import Foundation
import Testing

/// Several captures that share a real interface, as the kernel shares it out.
@Suite(.serialized, .enabled(if: LabCable.obstacle == nil, Comment(rawValue: LabCable.obstacle ?? "")))
struct FanoutGroupTests {
  /// 200 flows, each with ten datagrams in both directions; every third behind a VLAN tag.
  private static let sent: [(flow: Int, bytes: [UInt8])] = (0..<2_000).map { number in
    let flow = number % 200
    return (flow, datagram(flow, isReply: number / 200 % 2 == 1, isTagged: flow % 3 == 0))
  }

  @Test func `each frame goes to one capture, and both directions of a flow to the same`() throws {
    let cable = try LabCable()
    let group = FanoutGroup()
    var settings = LiveCapture.Settings()
    settings.filter = "udp port 3333"
    var first = try LiveCapture(interface: cable.near, source: 0, settings: settings, sharedBy: group)
    var second = try LiveCapture(interface: cable.near, source: 0, settings: settings, sharedBy: group)
    try cable.replay(Self.sent.map(\.bytes), pace: "--pps=20000")

    let flows = [try Self.flows(of: &first), try Self.flows(of: &second)]
    #expect(flows[0].count + flows[1].count == Self.sent.count, "each frame once")
    #expect(Set(flows[0]).isDisjoint(with: flows[1]))
    #expect(Set(flows[0]).count > 40 && Set(flows[1]).count > 40, "and shared out evenly, more or less")
    var counted = first.statistics()
    counted.addShare(second.statistics())
    #expect(counted.received == UInt64(Self.sent.count))
    #expect(counted.droppedByKernel == 0)
  }

  @Test func `a group is made anew when its interface comes back`() throws {
    let cable = try LabCable()
    let group = FanoutGroup()
    for round in 0..<2 {
      let first = try LiveCapture(interface: cable.near, source: 0, sharedBy: group)
      let second = try LiveCapture(interface: cable.near, source: 0, sharedBy: group)
      #expect(first.fileDescriptor != second.fileDescriptor, "round \(round)")
    }
  }

  @Test func `two groups share one interface without taking each other's frames`() throws {
    let cable = try LabCable()
    var settings = LiveCapture.Settings()
    settings.filter = "udp port 3333"
    var one = try LiveCapture(interface: cable.near, source: 0, settings: settings, sharedBy: FanoutGroup())
    var other = try LiveCapture(interface: cable.near, source: 0, settings: settings, sharedBy: FanoutGroup())
    try cable.replay(Self.sent.map(\.bytes), pace: "--pps=20000")
    #expect(try Self.flows(of: &one).count == Self.sent.count)
    #expect(try Self.flows(of: &other).count == Self.sent.count)
  }

  /// Flows of what waits in a capture, a number a frame.
  private static func flows(of capture: inout LiveCapture) throws -> [Int] {
    var flows: [Int] = []
    while try LiveCapture.wait(for: [capture.fileDescriptor], milliseconds: 300) > 0 {
      _ = try capture.dispatch(limit: 100_000) { frame in
        // The last two bytes, which the flow's number stands in.
        let kept = KeptFrame(frame).bytes
        flows.append(Int(kept[kept.count - 2]) << 8 | Int(kept[kept.count - 1]))
      }
    }
    return flows
  }

  /// A datagram between port 3333 and a port of the flow's own, with the flow's number at its end.
  private static func datagram(_ flow: Int, isReply: Bool, isTagged: Bool) -> [UInt8] {
    var frame = CaptureBytes(isBigEndian: true)
    frame.append(contentsOf: [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2])
    if isTagged { frame.append(contentsOf: [0x81, 0, 0, 10]) }
    // IPv4 of 44 bytes: UDP of 24, with 16 of payload. Nobody checks sums of what only passes by.
    frame.append(contentsOf: [8, 0, 0x45, 0, 0, 44, 0, 0, 0, 0, 64, 17, 0, 0])
    let ends: [[UInt8]] = [[10, 20, 0, UInt8(flow)], [203, 0, 113, 9]]
    frame.append(contentsOf: ends[isReply ? 1 : 0] + ends[isReply ? 0 : 1])
    let ports = [UInt16(40_000 + flow), 3_333]
    frame.append(ports[isReply ? 1 : 0])
    frame.append(ports[isReply ? 0 : 1])
    frame.append(contentsOf: [0, 24, 0, 0] + [UInt8](repeating: 0, count: 14))
    frame.append(UInt16(flow))
    return frame.bytes
  }
}

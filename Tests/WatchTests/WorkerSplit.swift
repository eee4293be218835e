import Capture
import Decode
import Foundation
import Policy
import Protocols
import Rules
import Simulator
import Sinks
import Watch

/// The same packets through one pipeline, and shared out among workers as the kernel shares them: by flow.
struct WorkerSplit {
  static let start = Timestamp(seconds: 1_790_000_000)

  let policy: Policy
  let frames: [Tape.TimedFrame]
  var link = LinkType.ethernet

  /// - Parameter frames: no two get the same time: packets of several flows have no order then.
  init(_ frames: [Tape.TimedFrame], policy: Policy) {
    self.policy = policy
    var last = Timestamp(nanoseconds: .min)
    self.frames = frames.map { frame in
      var frame = frame
      // Files of several captures may step back; a step of more than a minute is one.
      if frame.time <= last, last.nanoseconds(since: frame.time) < 60_000_000_000 {
        frame.time = last.advanced(byNanoseconds: 1)
      }
      last = frame.time
      return frame
    }
  }

  /// Alerts as EVE lines, with the numbers of flows left out: each worker counts its own.
  func alertsOfOne() -> [String] {
    var pipeline = Pipeline(policy: policy, seed: 1)
    for frame in frames { frame.lend(link) { pipeline.receive($0) } }
    pipeline.finish()
    return Self.lines(pipeline.judging.takeFindings())
  }

  /// The same of several workers.
  ///
  /// - Parameter turn: frames between two times that workers hand over.
  func alerts(workers: Int, turn: Int = 500) -> [String] {
    var site = SiteAnalyst(policy: policy, workers: workers)
    let crew = (0..<workers).map { Member(WorkerShare(index: $0, of: workers)) }
    var packet = Packet()
    var second = Int64.min
    for (index, frame) in frames.enumerated() {
      // The live tick: an idle worker must not hold the others up.
      if frame.time.seconds != second || index % turn == 0 {
        second = frame.time.seconds
        for member in crew { member.worker.tick(at: frame.time) }
        // A live worker hands over ten times a second; a batch has room for one minute's sums.
        Self.handOver(crew, to: &site)
      }
      frame.lend(link) { lent in
        let isPacket = PacketDecoder.decode(lent, into: &packet).isPacket
        crew[isPacket ? Int(Self.hash(packet) % UInt64(workers)) : 0].worker.receive(lent)
      }
      if index % turn == turn - 1 { Self.handOver(crew, to: &site) }
    }
    for member in crew {
      if let last = frames.last { member.worker.tick(at: last.time) }
      member.worker.finish()
    }
    while !site.isOver { Self.handOver(crew, to: &site) }
    site.finish()
    return Self.lines(site.judging.takeFindings())
  }

  /// A class because workers cannot be copied into an array.
  private final class Member {
    var worker: PacketWorker
    let ring = BatchRing()

    init(_ share: WorkerShare) {
      worker = PacketWorker(seed: 1, share: share)
    }
  }

  private static func handOver(_ crew: [Member], to site: inout SiteAnalyst) {
    for (index, member) in crew.enumerated() {
      if member.worker.hasNews { member.worker.handOver(member.ring.offer) }
      while site.isWaiting(for: index), let batch = member.ring.take() { site.take(batch, from: index) }
    }
    site.judge()
  }

  /// Like the kernel's: the same for both directions; by addresses and ports, and for fragments by addresses alone.
  private static func hash(_ packet: Packet) -> UInt64 {
    func mix(_ address: IPAddress, _ port: UInt16) -> UInt64 {
      var word = (address.high ^ address.low &* 0x9e37_79b9_7f4a_7c15) &+ UInt64(port) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ word >> 31) &* 0x94d0_49bb_1331_11eb
      return word ^ word >> 29
    }
    let hasPorts = !packet.fragment.isFragment && (packet.transport == .tcp || packet.transport == .udp)
    return mix(packet.source, hasPorts ? packet.sourcePort : 0)
      &+ mix(packet.destination, hasPorts ? packet.destinationPort : 0)
  }

  private static func lines(_ findings: [Finding]) -> [String] {
    let format = EVEFormat(origin: Origin(host: "", site: "split"))
    return findings.map { finding in
      var finding = finding
      finding.flow?.id = 0
      return String(decoding: format.line(finding), as: UTF8.self)
    }
  }
}

extension Tape.TimedFrame {
  func lend(_ link: LinkType, _ body: (borrowing Frame) -> Void) {
    Self.lend(bytes, at: time, link, body)
  }

  static func lend(
    _ bytes: [UInt8], at time: Timestamp, _ link: LinkType = .ethernet, _ body: (borrowing Frame) -> Void
  ) {
    let span = bytes.span
    let lent = unsafe span.bytes
    body(Frame(bytes: lent, timestamp: time, originalLength: bytes.count, linkType: link, source: 0))
  }
}

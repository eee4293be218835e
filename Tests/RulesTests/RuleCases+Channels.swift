import Capture
import Flows
import Protocols

import struct Simulator.SplitMix64

/// A name that no person made up.
private func oddName(_ number: Int) -> String {
  let digits = String(UInt64(number + 1) &* 0x9e37_79b9_7f4a_7c15, radix: 16)
  return "\(digits)\(digits).evil.example"
}

private func unlisted(_ name: String) -> String {
  #"medium dns.unlisted-name 10.20.0.5 -> 10.1.0.1:53 \#(name): asked for "\#(name)""#
}

/// A miner's exchange with a time server.
private func time(_ packet: NTPPacket, with server: String = resolver, by client: String = miner, at time: Double = 100)
  -> Observation
{
  flow(client, to: server, 123, id: 123, ipProtocol: 17, basis: .port, at: time).observed(.ntp(packet))
}

private func served(ahead seconds: Int) -> NTPPacket {
  var packet = NTPPacket(mode: 4, version: 4, byteCount: 48)
  packet.stratum = 2
  let now = watchBegins.seconds + 100 + 2_208_988_800
  packet.transmitted = UInt32(truncatingIfNeeded: now + Int64(seconds))
  return packet
}

private func asked(_ count: UInt32 = 1, size: Int = 48, mode: UInt8 = 3) -> NTPPacket {
  var packet = NTPPacket(mode: mode, version: 4, byteCount: size)
  packet.count = count
  return packet
}

/// The name of another address of one network.
private func addressName(_ number: Int) -> String {
  var generator = SplitMix64(seed: UInt64(number))
  let interface = String(generator.next() | 1 << 63, radix: 16)
  return (interface + "00006600bd010220").map(String.init).joined(separator: ".") + ".ip6.arpa"
}

private func bulk(_ number: Int) -> Observation {
  var message = DNSMessage(identifier: 1, isResponse: true, question: "t.evil.example", questionType: 16)
  message.byteCount = 1_200
  return flow(to: resolver, 53, id: 900, ipProtocol: 17, basis: .port, at: 90 + Double(number)).observed(.dns(message))
}

extension RuleCase {
  static let channels: [RuleCase] = [
    .fires(
      "data in names", (0..<33).map { asks(oddName($0), at: 90 + Double($0)) },
      // Some of them look like one to the sketch. What leads up to it is counted as one story.
      [
        unlisted(oddName(0)),
        #"high dns.tunnel 10.20.0.5 -> 10.1.0.1:53 evil.example: 30 names (30 long or random), 0 bytes of TXT and NULL in 32 s below "evil.example""#,
        unlisted(oddName(0)) + " [x33]",
      ]),
    .fires(
      "data in answers", (0..<14).map(bulk),
      #"high dns.tunnel 10.20.0.5 -> 10.1.0.1:53 evil.example: 0 names (0 long or random), 16800 bytes of TXT and NULL in 13 s below "evil.example""#
    ),
    .nearMiss(
      of: "dns.tunnel", when: "a few odd names, again and again",
      (0..<90).map { asks(oddName($0 % 3), at: 90 + Double($0)) },
      unlisted(oddName(0)), unlisted(oddName(0)) + " [x90]"),
    .nearMiss(
      of: "dns.tunnel", when: "the pool's name, for days",
      (0..<500).map { asks("stratum.good.example", at: 90 + Double($0)) }),
    .nearMiss(
      of: "dns.tunnel", when: "the names of many addresses",
      (0..<200).map { asks("\($0).113.0.203.in-addr.arpa", at: 90 + Double($0)) }),
    .fires(  // 20 bytes a name, to whoever holds the zone.
      "data in the names of addresses", (0..<161).map { asks(addressName($0), at: 90 + Double($0)) },
      #"high dns.tunnel 10.20.0.5 -> 10.1.0.1:53 ip6.arpa: 150 names (0 long or random), 0 bytes of TXT and NULL in 160 s below "ip6.arpa""#
    ),
    .fires(
      "data below the names of addresses",
      (0..<31).map { asks("\(oddName($0)).in-addr.arpa", at: 90 + Double($0)) },
      [
        unlisted("\(oddName(0)).in-addr.arpa"),
        #"high dns.tunnel 10.20.0.5 -> 10.1.0.1:53 in-addr.arpa: 30 names (30 long or random), 0 bytes of TXT and NULL in 30 s below "in-addr.arpa""#,
        unlisted("\(oddName(0)).in-addr.arpa") + " [x31]",
      ]),

    .fires(
      "the site's server is hours ahead", [time(served(ahead: 7_200))],
      "high ntp.abuse 10.20.0.5 -> 10.1.0.1:123: serves a time that is 2h ahead"),
    .fires(
      "a packet that hides something", [time(asked(size: 800))],
      "high ntp.abuse 10.20.0.5 -> 10.1.0.1:123: a packet of 800 bytes"),
    .fires(
      "a control message", [time(asked(mode: 6))],
      "high ntp.abuse 10.20.0.5 -> 10.1.0.1:123: a control message (mode 6)"),
    .fires(
      "something else on the port", [flow(to: resolver, 123, ipProtocol: 17).carries(.unknown)],
      "high ntp.abuse 10.20.0.5 -> 10.1.0.1:123: an unknown protocol on the port of NTP"),
    .fires(
      "a packet a second for minutes", (0..<5).map { time(asked(60), at: 100 + Double($0) * 60) },
      "high ntp.abuse 10.20.0.5 -> 10.1.0.1:123: too many packets for 5 minutes"),
    .nearMiss(of: "ntp.abuse", when: "a minute off", [time(served(ahead: -60))]),
    .nearMiss(
      of: "ntp.abuse", when: "a server that is not set itself",
      [
        time(
          {
            var packet = served(ahead: 7_200)
            packet.leap = 3
            return packet
          }())
      ]),
    .nearMiss(
      of: "ntp.abuse", when: "bursts at three restarts",
      [100, 160, 400].flatMap { start in (0..<8).map { time(asked(), at: start + Double($0) * 2) } }),
    .nearMiss(
      of: "ntp.abuse", when: "every 16 seconds for an hour", (0..<225).map { time(asked(), at: 100 + Double($0) * 16) }),
    .nearMiss(
      of: "ntp.abuse", when: "a manager asks a miner's clock", [time(asked(mode: 6), with: miner, by: manager)]),
    .nearMiss(
      of: "ntp.abuse", when: "a stranger is told of as such",
      [flow(to: stranger, 123, ipProtocol: 17).carries(.unknown)],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:123: UDP, unknown protocol"),
  ]
}

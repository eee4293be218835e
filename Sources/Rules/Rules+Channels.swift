import Capture
import Decode
import Policy
import Protocols

/// Rules about names and time that carry something else: ways out that every firewall leaves open.
extension Rule {
  static let channels: [Rule] = [dnsTunnel, ntpAbuse]

  static let dnsTunnel: Rule = Rule(
    id: 1104, name: "dns.tunnel", level: .high,
    title: "A miner exchanges data by way of DNS", category: "Covert channel",
    rationale: """
      Names that are asked reach whoever owns their domain, through the site's own resolver and every firewall. A miner that \
      asks for many different long or random names below one domain, or gets bulky TXT or NULL answers from it, moves data \
      that way. Miners ask for a handful of names an hour, always the same.
      """,
    advice: """
      Look at the example: whoever owns its domain receives what the miner says. Block the domain at the site's resolver and \
      take the miner off the network, keeping its storage: something on it speaks with the outside and does not want to be seen.
      """,
    falsePositives: [
      "Firmware with an antivirus or reputation look-up that encodes hashes in names.",
      "A resolver or proxy inside the miner networks that asks for many hosts: list it as manager.",
    ],
    techniques: [.dns, .protocolTunneling, .exfiltrationOverAlternativeProtocol],
    parameters: [.nameWindow, .oddNames, .names, .bulk], hears: [.dns]
  ) { observation, analysis in
    guard let flow = analysis.minerFlow(observation), case .dns(let message) = observation.content,
      !message.question.isEmpty, ReverseName(message.question) != .v4
    else { return nil }
    return analysis.tunnelled(message, flow, at: observation.time)
  }

  static let ntpAbuse: Rule = Rule(
    id: 1107, name: "ntp.abuse", level: .high,
    title: "Something else than time goes by NTP, or the time is wrong", category: "Covert channel",
    rationale: """
      Port 123 is open in most firewalls, so what goes there must be NTP: time messages of 48 bytes with extension fields or \
      an authenticator at most, seldom more than one in 16 seconds. Control and private modes read and change a server's \
      settings. And a server that is minutes off moves every miner's clock, which decides when scheduled stops and starts \
      happen and which certificates are valid.
      """,
    advice: """
      If a time is wrong, compare the server with another source, and this machine's own clock too: all servers off by the \
      same is the monitor's fault. If packets are no NTP or too many, find the program on the miner that sends them and block \
      its destination.
      """,
    falsePositives: [
      "The monitor's own clock is off: every server is then told of.",
      "A time service with authentication (NTS), whose packets may be larger than the limit.",
      "A miner that restarts every minute: each start asks several times.",
    ],
    techniques: [.applicationLayerProtocol, .dataObfuscation, .manipulationOfControl],
    parameters: [.ntpSize, .ntpInterval, .ntpSustained, .ntpOffset], hears: [.ntp, .identified]
  ) { observation, analysis in
    guard let flow = observation.flow else { return nil }
    switch observation.content {
    case .flowIdentified(let identity): return analysis.foreignToNTP(flow, identity)
    case .ntp(let packet):
      return analysis.oddPacket(packet, flow) ?? analysis.wrongTime(packet, flow, at: observation.time)
        ?? analysis.hastyPacket(packet, flow, at: observation.time)
    default: return nil
    }
  }
}

extension Rule.Parameter {
  static let nameWindow = Rule.Parameter(
    "window", .duration(.seconds(600)), "How long names of one miner and domain are counted together")
  static let oddNames = Rule.Parameter(
    "odd-names", .count(30), "Different long or random names below one domain, within the window, that are too many")
  static let names = Rule.Parameter(
    "names", .count(150), "Different names of any kind below one domain, within the window, that are too many")
  static let bulk = Rule.Parameter(
    "bytes", .count(16_384), "Bytes of TXT and NULL answers from one domain, within the window, that are too many")
  static let ntpSize = Rule.Parameter("bytes", .count(512), "Bytes of one packet that are too many")
  static let ntpInterval = Rule.Parameter(
    "interval", .duration(.seconds(16)),
    "Time from one packet to the next that is often enough; half as many again are let pass")
  static let ntpSustained = Rule.Parameter(
    "sustained", .duration(.seconds(300)), "How long packets must come too often before it is told")
  static let ntpOffset = Rule.Parameter(
    "offset", .duration(.seconds(120)), "How far a server's time may be from the monitor's")
}

import Capture
import Decode

/// What a fleet manager does all day: it looks for miners, and reads how each of them is (UpstreamData/pyasic,
/// pyasic/miners/factory.py, pyasic/rpc and pyasic/web).
enum ManagerTraffic {
  /// Touches every miner at the ports that some make serves, as management tools find out which is which. Antminers have two
  /// of them, and refuse the others.
  static func search(_ miners: [Host], at start: Timestamp) -> Tape {
    let ports: [UInt16] = [80, 4028, 4029, 8889]
    var tape = Tape()
    for (index, miner) in miners.enumerated() {
      for (step, port) in ports.enumerated() {
        let time = start.advanced(by: .milliseconds(100 * index + 20 * step))
        var touch = Conversation(
          from: .manager, clientPort: UInt16(truncatingIfNeeded: 60_000 + 4 * index + step), to: miner, port: port,
          turns: [])
        if step < 2 {
          touch.finish = .finish
          tape.append(touch.tape(at: time))
        } else {
          touch.start = .unanswered
          tape.append(touch.tape(at: time))
          tape.append(refusal(of: touch), at: time.advanced(by: .milliseconds(1)))
        }
      }
    }
    return tape
  }

  /// RFC 9293 §3.10.7.1: nobody listens there.
  private static func refusal(of call: Conversation) -> [UInt8] {
    FrameBytes.tcp(
      from: call.server, port: call.port, to: call.client, port: call.clientPort, sequence: 0,
      acknowledgment: call.clientSequence &+ 1, flags: [.reset, .acknowledge])
  }

  static func readAntminer(_ miner: Host, _ round: Int, _ time: Timestamp) -> Tape {
    let command = ["summary", "pools", "devs", "stats", "summary+pools+devs"][round % 5]
    let reply =
      #"{"STATUS":[{"STATUS":"S","When":1790000000,"Code":11,"Msg":"Summary","Description":"cgminer 4.12.1"}],"#
      + #""SUMMARY":[{"Elapsed":86400,"MHS av":234000000.12,"Accepted":8640,"Rejected":3,"Hardware Errors":12}],"id":1}"#
    return call(
      miner, 4028, round,
      [.clientBytes(Array(#"{"command":"\#(command)"}"#.utf8)), .serverBytes(Array(reply.utf8) + [0])],
      at: time)
  }

  static func readWhatsminer(_ miner: Host, _ round: Int, _ time: Timestamp) -> Tape {
    let command = ["summary", "pools", "edevs", "get_psu", "get_version", "status"][round % 6]
    let reply = #"{"STATUS":"S","When":1790000000,"Code":131,"Msg":{"power":3441,"Fan":"3210"},"Description":""}"#
    return call(
      miner, 4028, round,
      [.clientBytes(Array(#"{"cmd":"\#(command)"}"#.utf8)), .serverBytes(Array(reply.utf8) + [10])], at: time)
  }

  static func readBitaxe(_ miner: Host, _ round: Int, _ time: Timestamp) -> Tape {
    let page = ["info", "asic", "statistics"][round % 3]
    let body = #"{"power":18.2,"hashRate":1190.4,"ASICModel":"BM1370","version":"v2.9.0","isUsingFallbackStratum":0}"#
    return call(
      miner, 80, round,
      [
        .clientBytes(request("/api/system/\(page)", of: miner)),
        .serverBytes(response("200 OK", ["Content-Type: application/json"], body)),
      ], at: time)
  }

  /// Bitmain's pages ask for a digest first, and the manager's program has one (RFC 7616 §3.9).
  static func readAntminerPages(_ miner: Host, _ round: Int, _ time: Timestamp) -> Tape {
    let page = "/cgi-bin/" + ["stats", "summary", "get_system_info", "get_miner_conf"][round % 4] + ".cgi"
    let challenge = #"Digest realm="antMiner Configuration", nonce="77c2f1b04a4c9d7e", qop="auth""#
    let answer =
      #"Digest username="fleet", realm="antMiner Configuration", nonce="77c2f1b04a4c9d7e", uri="\#(page)", "#
      + #"qop=auth, nc=00000001, cnonce="9d3f0c21", response="6629fae49393a05397450978507c4ef1""#
    let body = #"{"STATUS":{"STATUS":"S","msg":"ok"},"INFO":{"type":"Antminer S21"}}"#
    return call(
      miner, 80, round,
      [
        .clientBytes(request(page, of: miner)),
        .serverBytes(
          response("401 Unauthorized", ["WWW-Authenticate: \(challenge)", "Content-Type: text/html"], "Unauthorized")),
        .clientBytes(request(page, of: miner, ["Authorization: \(answer)"])),
        .serverBytes(response("200 OK", ["Content-Type: application/json"], body)),
      ], at: time)
  }

  /// - Parameter round: another client port each time, as systems hand them out.
  private static func call(
    _ miner: Host, _ port: UInt16, _ round: Int, _ turns: [Conversation.Turn], at time: Timestamp
  ) -> Tape {
    var call = Conversation(
      from: .manager, clientPort: UInt16(truncatingIfNeeded: 40_000 + Int(port) % 100 * 100 + round % 8_000), to: miner,
      port: port, turns: turns)
    call.finish = .finish
    return call.tape(at: time)
  }

  private static func request(_ path: String, of miner: Host, _ headers: [String] = []) -> [UInt8] {
    let lines = ["GET \(path) HTTP/1.1", "Host: \(miner.address)", "User-Agent: fleet/2.1"] + headers
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  private static func response(_ status: String, _ headers: [String], _ body: String) -> [UInt8] {
    let lines = ["HTTP/1.1 \(status)", "Server: lighttpd/1.4.32", "Content-Length: \(body.utf8.count)"] + headers
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
  }
}

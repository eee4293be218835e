import Capture
import Decode
import Foundation
package import Policy
import Rules
package import Store

/// Alerts out of the site's logs, where no store is: eve.json if it has them, else the readable log.
package struct AlertLog {
  private enum Kind {
    case eve, text
  }

  package let path: String
  private let kind: Kind
  private var handle: FileHandle?
  private var number: UInt64?
  /// Of a line that is not whole yet.
  private var rest = Data()

  private static let chunk = 1 << 20

  /// - Returns: nil where the policy has no log that is there.
  package init?(_ settings: Policy.AlertSettings) {
    let candidates: [(String?, Kind)] = [
      (settings.eve.flatMap { $0.types.contains(.alert) ? $0.path : nil }, .eve), (settings.log?.path, .text),
    ]
    let found = candidates.first { path, _ in path.map(FileManager.default.isReadableFile) ?? false }
    guard let found, let path = found.0 else { return nil }
    self.path = path
    kind = found.1
  }

  /// Alerts of the lines that were written since the last call, from the file's start on; and from that of the next file when
  /// this one was moved away.
  package mutating func read() -> [StoredAlert] {
    var alerts = readRest()
    if Self.number(of: path) != number {
      handle = nil
      rest = Data()
      alerts += readRest()
    }
    return alerts
  }

  private mutating func readRest() -> [StoredAlert] {
    if handle == nil {
      handle = FileHandle(forReadingAtPath: path)
      number = Self.number(of: path)
    }
    var alerts: [StoredAlert] = []
    while let bytes = try? handle?.read(upToCount: Self.chunk), !bytes.isEmpty {
      rest.append(bytes)
      var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      rest = lines.popLast().map { Data($0) } ?? Data()
      alerts += lines.compactMap { Self.alert(String(decoding: $0, as: UTF8.self), kind) }
    }
    return alerts
  }

  /// Tells two files under one path apart.
  static func number(of path: String) -> UInt64? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
  }

  private static func alert(_ line: String, _ kind: Kind) -> StoredAlert? {
    switch kind {
    case .eve: StoredAlert(eve: line)
    case .text: StoredAlert(logLine: line)
    }
  }
}

extension StoredAlert {
  /// `time level rule who: what`
  init?(logLine line: String) {
    let parts = line.split(separator: " ", maxSplits: 2)
    guard parts.count == 3, let time = Moment.stamp(parts[0]), let level = Level(rawValue: String(parts[1])),
      let rule = parts[2].split(separator: " ", maxSplits: 1).first
    else { return nil }
    let words = parts[2].split(separator: " ")
    // Either end may be the miner; its name stands behind it in brackets.
    let name = words.dropFirst(2).first { $0.hasPrefix("(") }.map { $0.drop { $0 == "(" }.prefix { $0 != ")" } }
    let miner = words.count > 1 ? IPAddress(String(words[1].drop { $0 == "[" }.prefix { $0 != "]" })) : nil
    self.init(
      time: time, level: level, rule: String(rule), ruleID: RuleBook[String(rule)]?.reference.id ?? 0, miner: miner,
      name: name.map(String.init), summary: String(parts[2]), eve: "")
  }

  /// An event of type alert; nil for any other.
  init?(eve line: String) {
    guard line.contains(#""event_type":"alert""#),
      let event = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
      let alert = event["alert"] as? [String: Any], let rule = alert["rule"] as? String,
      let context = alert["context"] as? [String: Any],
      let time = (event["timestamp"] as? String).flatMap(Moment.stamp),
      let level = (context["level"] as? String).flatMap(Level.init(rawValue:))
    else { return nil }
    let miner = context["miner"] as? [String: Any]
    let address = miner?["ip"] as? String
    let name = miner?["name"] as? String
    let count = (context["count"] as? NSNumber)?.intValue ?? 1
    let who = [address, name.map { "(\($0))" }].compactMap { $0 }.joined(separator: " ")
    let message = context["message"] as? String ?? ""
    self.init(
      time: time, level: level, rule: rule, ruleID: (alert["signature_id"] as? NSNumber)?.intValue ?? 0,
      miner: address.flatMap(IPAddress.init), mac: (miner?["mac"] as? String).flatMap(MACAddress.init) ?? .none,
      name: name, summary: "\(rule)\(who.isEmpty ? "" : " \(who)"): \(message) [x\(count)]", eve: line)
  }
}

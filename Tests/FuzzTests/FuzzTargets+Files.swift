import Capture
import Foundation
import Policy
import Rules
import Simulator

extension FuzzTarget {
  /// Files: policies and the lists that they name, and captures from end to end.
  static let files: [FuzzTarget] = [
    FuzzTarget("policy", seeds: { Seeds.policies }) { input in
      guard let text = String(validating: input, as: UTF8.self) else { return nil }
      return read(text)
    },
    list("inventory", seeds: { Seeds.inventories }) { "miners: {networks: [10.20.0.0/16], inventory: \($0)}" },
    list("indicators", seeds: { Seeds.indicators }) { "detection: {indicators: [\($0)]}" },
    list("commands", seeds: { Seeds.commands }) { "detection: {commands: [\($0)]}" },
    capture,
  ]

  private static let nothing = BuiltInData.none

  /// A policy or its errors: each error has a message.
  private static func read(_ text: String) -> String? {
    do {
      _ = try PolicyReader.read(text: text, file: "/fuzz/policy.yaml", rules: RuleBook.catalogue, builtIn: nothing)
      return nil
    } catch {
      return error.problems.allSatisfy { !$0.message.isEmpty } ? nil : "an error says nothing"
    }
  }

  /// A file that a policy names.
  private static func list(
    _ name: String, seeds: @escaping @Sendable () -> [[UInt8]], policy: @escaping @Sendable (String) -> String
  ) -> FuzzTarget {
    FuzzTarget(name, seeds: seeds) { input in
      withFile(of: input, named: name) { read(policy($0)) }
    }
  }

  /// A capture file through libpcap, every stage and every rule.
  private static let capture = FuzzTarget("capture", seeds: { Seeds.captures }) { input in
    withFile(of: input, named: "pcap") { watch($0) }
  }

  private static func watch(_ path: String) -> String? {
    var site = StageSite()
    var analyst = Analyst(policy: Seeds.policy)
    do throws(CaptureError) {
      var capture = try CaptureFile(path: path, source: 0)
      while try !capture.forEachFrame(limit: 64, { site.receive($0) }).ended {
        for observation in site.take() { analyst.observe(observation) }
      }
    } catch {
      // Damage is ordinary, and was read up to.
      guard !error.sentence.isEmpty else { return "an error says nothing" }
    }
    site.shutDown()
    for observation in site.take() { analyst.observe(observation) }
    analyst.finish()
    return analyst.takeFindings().allSatisfy { !$0.message.isEmpty } ? nil : "a finding says nothing"
  }

  /// Lends a file that holds the input.
  private static func withFile(of input: [UInt8], named name: String, _ body: (String) -> String?) -> String? {
    let unique = "\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("minewatch-fuzz-\(unique).\(name)").path
    guard FileManager.default.createFile(atPath: path, contents: Data(input)) else { return "cannot write \(path)" }
    defer { try? FileManager.default.removeItem(atPath: path) }
    return body(path)
  }
}

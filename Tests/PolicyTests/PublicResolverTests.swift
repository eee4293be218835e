import Decode
import Foundation
import Testing

@testable import Policy

/// Public resolvers: lists that ship with the program, in the form of the indicators.
struct PublicResolverTests {
  private func read(_ files: [String: String]) throws -> Policy {
    try readWithData(files) { BuiltInData(resolvers: "\($0)/resolvers.d") }
  }

  @Test
  func `are no indicators, and counted by themselves`() throws {
    let policy = try read([
      "resolvers.d/a.txt": "dns.example  Somebody  # a page, 2026-08\n192.0.2.53  Somebody  # a page, 2026-11\n"
    ])
    #expect(policy.publicResolvers.match(name: "doh.dns.example")?.note == "Somebody")
    #expect(policy.publicResolvers.match(address: try address("192.0.2.53"), port: 443) != nil)
    #expect(policy.detection.indicators.count == 0)
    #expect("\(PolicyReport(policy))".contains("resolvers   2, of 2026-08 to 2026-11"))
  }

  @Test
  func `a line that is wrong is told with its place`() {
    do {
      _ = try read(["resolvers.d/a.txt": "dns.example  ok  # x, 2026-08\n  192.0.2.1/40 bad\n"])
      Issue.record("was read")
    } catch {
      #expect("\(error)".contains("resolvers.d/a.txt:2:3"), "\(error)")
    }
  }

  @Test
  func `a folder that is missing is a warning`() throws {
    let policy = try read([:])
    #expect(policy.warnings.contains { "\($0)".contains("no public resolvers") })
  }

  @Test
  func `those that ship are read, each with its source and date`() throws {
    let policy = try PolicyReader.read(
      text: smallPolicy,
      file: "p.yaml", rules: .sample, builtIn: BuiltInData(resolvers: "\(configs)/resolvers.d"))
    #expect(policy.publicResolvers.match(name: "cloudflare-dns.com") != nil)
    let text = try String(contentsOfFile: "\(configs)/resolvers.d/public.txt", encoding: .utf8)
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
    #expect(lines.count == policy.publicResolvers.count)
    for line in lines { #expect(IndicatorText.date(line) != nil, "\(line)") }
  }
}

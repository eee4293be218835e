import Foundation
import Testing

/// Every target with its seeds, with what a fuzzer once found, and with mutations of both, the same in every run.
@Suite
struct FuzzSmokeTests {
  static let names = FuzzTarget.all.map(\.name)
  private static let rounds = 1_500

  @Test(arguments: names)
  func `survives its seeds and mutations of them`(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let seeds = target.seeds() + (try Self.kept(name))
    #expect(!seeds.isEmpty)
    for (index, seed) in seeds.enumerated() { #expect(target.run(seed) == nil, "seed \(index) of \(name)") }
    var mutator = Mutator(seed: 0x6d77)
    for round in 0..<Self.rounds {
      let input = mutator.mutate(seeds[round % seeds.count], crossing: seeds[round * 7 % seeds.count])
      let objection = target.run(input)
      #expect(objection == nil, "round \(round) of \(name): \(input)")
    }
  }

  @Test
  func `every target has a name of its own`() {
    #expect(Set(Self.names).count == Self.names.count)
  }

  /// Inputs under `Corpus/NAME`: crashes that were mended.
  private static func kept(_ name: String) throws -> [[UInt8]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Corpus/\(name)")
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return try files.sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
  }
}

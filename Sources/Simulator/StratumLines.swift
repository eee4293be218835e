/// Lines of Stratum V1 as cgminer and ckpool put them on the wire (cgminer util.c and cgminer.c, ckpool stratifier.c).
package enum StratumLines {
  package static func configure(id: Int = 1) -> String {
    #"{"id":\#(id),"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"ffffffff"}]}"#
  }

  package static func configured(id: Int = 1) -> String {
    #"{"result":{"version-rolling":true,"version-rolling.mask":"1fffe000"},"id":\#(id),"error":null}"#
  }

  package static func subscribe(id: Int = 2, agent: String = "cgminer/4.12.1") -> String {
    #"{"id":\#(id),"method":"mining.subscribe","params":["\#(agent)"]}"#
  }

  package static func subscribed(id: Int = 2, extranonce1: String = "d46d5c61") -> String {
    #"{"result":[[["mining.notify","\#(extranonce1)"]],"\#(extranonce1)",8],"id":\#(id),"error":null}"#
  }

  package static func authorize(id: Int = 3, user: String, password: String = "x") -> String {
    #"{"id":\#(id),"method":"mining.authorize","params":["\#(user)","\#(password)"]}"#
  }

  package static func result(id: Int, _ value: Bool = true) -> String {
    #"{"result":\#(value),"error":null,"id":\#(id)}"#
  }

  package static func rejected(id: Int, code: Int = 21, _ text: String = "Job not found") -> String {
    #"{"result":null,"error":[\#(code),"\#(text)",null],"id":\#(id)}"#
  }

  package static func setDifficulty(_ difficulty: Int) -> String {
    #"{"params":[\#(difficulty)],"id":null,"method":"mining.set_difficulty"}"#
  }

  /// The hash of the block at a height above the first one, as `mining.notify` writes it: eight words, each turned round.
  package static func previous(_ height: Int) -> String {
    guard height > 0 else { return "4d16b6f85af6e2198f44ae2a6de67f78487ae5611b77c6c0440b921e00000000" }
    var generator = SplitMix64(seed: UInt64(height))
    let words = (0..<7).map { _ in hex(UInt32(truncatingIfNeeded: generator.next())) }
    return words.joined() + "00000000"
  }

  /// - Parameters:
  ///   - branches: merkle branches; 12 make 1.6 kB.
  ///   - previous: hash of the block that the job is on top of.
  ///   - block: the number of the block that is looked for.
  ///   - payee: hash of the key that is paid, 40 hexadecimal digits.
  package static func notify(
    job: String, branches: Int = 12, clean: Bool = false, previous: String = previous(0), block: UInt32 = 902_064,
    payee: String = Self.payee
  ) -> String {
    let branch = #""e7f3c1d5a9b8274600112233445566778899aabbccddeeff0123456789abcdef""#
    let merkle = Array(repeating: branch, count: branches).joined(separator: ",")
    let first =
      "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff3203\(hex(block.byteSwapped).prefix(6))04d5e7"
      + "2f6504a1b2c3d40c"
    let second =
      "0a636b706f6f6c0f2f6d696e6564206279206163"
      + "6d652fffffffff0200f90295000000001976a914"
      + payee
      + "88ac0000000000000000266a24aa21a9ed"
      + String(repeating: "5a", count: 32) + "00000000"
    return #"{"params":["\#(job)","\#(previous)","\#(first)","\#(second)",[\#(merkle)],"#
      + #""20000000","17034219","65e1a2b3",\#(clean)],"id":null,"method":"mining.notify"}"#
  }

  package static func submit(id: Int, user: String, job: String, nonce: UInt32) -> String {
    #"{"params":["\#(user)","\#(job)","00000000\#(hex(nonce &* 2_654_435_761))","65e1a2c0","\#(hex(nonce))","#
      + #""00a26000"],"id":\#(id),"method":"mining.submit"}"#
  }

  /// Whom the pool of the synthesised site pays.
  package static let payee = "0123456789abcdef0123456789abcdef01234567"

  private static func hex(_ value: UInt32) -> String {
    String(repeating: "0", count: 8 - String(value, radix: 16).count) + String(value, radix: 16)
  }
}

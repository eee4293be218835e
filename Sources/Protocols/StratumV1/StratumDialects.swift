import Decode

/// Dialects of mining over lines of JSON. The raw value is what `context.stratum.dialect` says.
package enum StratumDialect: String, CaseIterable, Sendable, BitwiseCopyable {
  case bitcoin = "stratum-v1"
  /// EthereumStratum/1.0.0 (nicehash/Specifications EthereumStratum_NiceHash_v1.0.0.txt).
  case ethereumStratum1 = "ethereum-stratum-1"
  /// EthereumStratum/2.0.0: `mining.hello` (ethminer libpoolprotocols/stratum/EthStratumClient.cpp).
  case ethereumStratum2 = "ethereum-stratum-2"
  /// `eth_submitLogin`, `eth_getWork`... (ntop/nDPI, src/lib/protocols/mining.c).
  case ethProxy = "eth-proxy"
  /// `login`, `job`, `submit`, `keepalived`: Monero and CryptoNote (xmrig/xmrig-proxy, src/base/net/stratum/Client.cpp
  /// and src/proxy/Miner.cpp).
  case cryptoNote = "cryptonote"
  /// `mining.set_target`, solutions in submit: Zcash (ZIP 301).
  case equihash
  /// `set_extranonce` without prefix, or jobs of three parts: Kaspa (KHeavyHash_NiceHash_v1.0.txt).
  case kaspa
  /// Begins like EthereumStratum/2.0.0; its jobs are lists of objects (Alephium_NiceHash_v1.0.txt).
  case alephium
  /// Jobs of three parts, the last of them a flag (Kadena_NiceHash_v1.0.txt).
  case kadena
  /// Begins like Equihash; its jobs have seven parts: Ravencoin and its like (KawPow_NiceHash_v1.0.txt).
  case kawPow = "kawpow"
  /// JSON-RPC 2.0 without `params` (Beam_NiceHash_v1.0.txt).
  case beam
  /// Begins like CryptoNote; its jobs have a `pre_pow` (Grin_NiceHash_v1.0.txt).
  case grin
  /// Stratum V2 in the clear, and behind Noise: Bitcoin's too.
  case stratumV2 = "stratum-v2"
  case stratumV2Noise = "stratum-v2-noise"

  /// Whether Bitcoin is mined in it.
  package var isBitcoins: Bool { self == .bitcoin || self == .stratumV2 || self == .stratumV2Noise }

  /// Lines of JSON, not frames.
  package var isOfLines: Bool { self != .stratumV2 && self != .stratumV2Noise }

  /// The dialect that this one cannot be told from at first.
  var begins: StratumDialect? {
    switch self {
    case .alephium: .ethereumStratum2
    case .grin, .beam: .cryptoNote
    case .kawPow: .equihash
    default: nil
    }
  }
}

/// What the parameters of a dialect's `mining.notify` look like. Bitcoin's has nine, and is not among them.
private struct JobShape {
  let dialect: StratumDialect
  let counts: ClosedRange<Int>
  /// The parameter that tells, and what it then is.
  let telling: (index: Int, kinds: Set<JSONKind>)?

  private init(_ dialect: StratumDialect, _ counts: ClosedRange<Int>, _ index: Int? = nil, _ kinds: JSONKind...) {
    self.dialect = dialect
    self.counts = counts
    telling = index.map { ($0, Set(kinds)) }
  }

  func fits(_ message: borrowing JSONMessage) -> Bool {
    guard counts.contains(message.parameterCount) else { return false }
    return telling.map { $0.kinds.contains(message.parameter($0.index).kind) } ?? true
  }

  /// The most telling first.
  static let all: [JobShape] = [
    JobShape(.alephium, 1...64, 0, .object),  // one job a chain
    JobShape(.kaspa, 2...3, 1, .array),  // the header's hash as four numbers
    JobShape(.kaspa, 3...3, 2, .number),  // the time
    JobShape(.kadena, 3...3, 2, .true, .false),
    JobShape(.ethereumStratum1, 4...5, 3, .true, .false),
    JobShape(.kawPow, 7...7, 4, .true, .false),
    JobShape(.equihash, 8...8, 7, .true, .false),
  ]
}

/// What other coins' sessions say otherwise than Bitcoin's.
extension StratumSessionState {
  /// A job that is not Bitcoin's, by its method or its shape.
  @inline(never)
  mutating func foreignJob(
    _ method: StratumMethod, _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: borrowing StratumLedger
  ) -> Bool {
    guard method == .notify else {
      note(.cryptoNote)
      offerJob(message.params, bytes, ledger)
      if message.params.kind == .missing { note(.beam) }
      if bytes.member("pre_pow", of: message.params).kind == .string { note(.grin) }
      return message.params.kind == .object || dialect == .beam
    }
    if let shape = JobShape.all.first(where: { $0.fits(message) }) { note(shape.dialect) }
    let id = message.parameter(0)
    addJob(UInt32(truncatingIfNeeded: ledger.hash(bytes, id.range)), at: ledger.seconds)
    guard message.params.kind == .array else { return false }
    return id.kind == .string || id.kind == .number || dialect == .alephium
  }

  /// A job of CryptoNote's, which shares name; those of its relatives are only counted.
  mutating func offerJob(_ job: JSONValue, _ bytes: RawSpan, _ ledger: borrowing StratumLedger) {
    let id = bytes.member("job_id", of: job)
    guard dialect == .cryptoNote, id.kind == .string || id.kind == .number else { return countJob(ledger) }
    addJob(UInt32(truncatingIfNeeded: ledger.hash(bytes, id.range)), at: ledger.seconds)
  }

  /// A `mining.submit` that does not begin with a user.
  ///
  /// - Returns: whether it is as its dialect has it.
  @inline(never)
  mutating func foreignShare(
    _ message: borrowing JSONMessage, _ bytes: RawSpan, _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) -> Bool {
    // EthereumStratum/2.0.0: job, nonce, and a worker's number of the pool's.
    guard message.params.kind == .object else { return message.params.kind == .array }
    note(.alephium)
    let worker = bytes.member("worker", of: message.params)
    if worker.kind == .string { meet(worker, bytes, &ledger, &events) }
    return true
  }

  /// What a reply to `mining.subscribe` tells of the dialect.
  mutating func noteDialect(ofSubscription result: JSONValue, _ bytes: RawSpan) {
    guard dialect == .bitcoin, result.kind == .array else { return }
    let subscriptions = bytes.element(0, of: result)
    let isAlone = bytes.element(2, of: result).kind == .missing
    if bytes.equals(bytes.element(2, of: subscriptions), "EthereumStratum/1.0.0") {
      note(.ethereumStratum1)
    } else if subscriptions.kind == .null, isAlone, bytes.element(1, of: result).kind == .string {
      // No session and an extranonce without a second part: ZIP 301's reply, and KawPow's.
      note(.equihash)
    }
  }
}

package import Capture
package import Decode
import Flows

/// Queries and how they were first answered, so that a second, different answer to one query is noticed: the mark that a
/// forged answer leaves, whichever of the two came first.
///
/// A resolver that is asked twice may answer twice, and differently; so only more answers than questions count. Order does
/// not matter, nor does repetition.
package struct DNSQueries: ~Copyable {
  /// Who asks whom what, under which identifier: a hash of 64 bits under a secret seed, which stands for the whole.
  package struct Key: Hashable, Sendable {
    let rawValue: UInt64

    package init(
      client: IPAddress, clientPort: UInt16, server: IPAddress, serverPort: UInt16, message: DNSMessage, seed: UInt64
    ) {
      var hash = seed
      for word in [
        client.high, client.low, server.high, server.low,
        UInt64(clientPort) << 48 | UInt64(serverPort) << 32 | UInt64(message.identifier) << 16
          | UInt64(message.questionType),
      ] {
        hash = (hash ^ word).mixed
      }
      for byte in message.question.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
      // Zero marks an empty place.
      rawValue = max(hash.mixed, 1)
    }
  }

  /// Not private: Swift 6.3.1 emits a broken module for callers when a slab's element is.
  struct Entry: Zeroable {
    var key: UInt64 = 0
    var time: Int64 = 0
    /// Order-free hash of the addresses that were answered first.
    var addresses: UInt64 = 0
    var addressCount: UInt16 = 0
    var queries: UInt8 = 0
    var answers: UInt8 = 0
  }

  /// How long a second answer is compared, in nanoseconds: longer than resolvers keep asking (RFC 1035 §7.2 counts in
  /// seconds), shorter than identifiers take to come round.
  static let lifetime: Int64 = 30_000_000_000
  /// Places that a key may stand in.
  private static let ways = 8

  private var entries: Slab<Entry>
  private let sets: Int
  private let seed: UInt64
  /// A query was seen with its answer, so both directions come by here. Where they do not, no answer has its query.
  private var seesQueries = false
  /// Queries forgotten because the table was full before they were old.
  package private(set) var evicted: UInt64 = 0

  /// - Parameter capacity: entries, rounded up to a power of two and at least eight.
  package init(capacity: Int = Limits.dnsQueries, seed: UInt64) {
    var sets = 1
    while sets * Self.ways < capacity { sets *= 2 }
    self.sets = sets
    self.seed = seed
    entries = Slab(count: sets * Self.ways)
  }

  /// Notes a query or compares a response, and sets ``DNSMessage/contradicts`` and ``DNSMessage/isUnasked`` where they are due.
  package mutating func note(
    _ message: inout DNSMessage, from source: IPAddress, _ sourcePort: UInt16, to destination: IPAddress,
    _ destinationPort: UInt16, at time: Timestamp
  ) {
    // What was cut short or is broken says nothing about what the whole would have said.
    guard message.anomaly == nil, !message.isTruncated, message.answersLeftOut == 0 else { return }
    guard message.isResponse else {
      let key = Key(
        client: source, clientPort: sourcePort, server: destination, serverPort: destinationPort, message: message,
        seed: seed)
      let index = place(of: key, at: time)
      entries[index].queries = min(entries[index].queries, .max - 1) + 1
      return
    }
    let key = Key(
      client: destination, clientPort: destinationPort, server: source, serverPort: sourcePort, message: message,
      seed: seed)
    let index = place(of: key, at: time)
    if entries[index].queries > 0 { seesQueries = true }
    message.isUnasked = seesQueries && entries[index].queries == 0
    message.contradicts = entries[index].contradicts(message.addresses, seed: seed)
  }

  /// Where `key` stands, or the place cleared for it: an empty one, else the oldest of its few.
  private mutating func place(of key: Key, at time: Timestamp) -> Int {
    let start = Int(key.rawValue >> 32) & (sets - 1)
    var victim = start * Self.ways
    for index in start * Self.ways..<(start + 1) * Self.ways {
      let age = time.nanoseconds(since: Timestamp(nanoseconds: entries[index].time))
      if entries[index].key == key.rawValue, age.magnitude <= Self.lifetime.magnitude { return index }
      if entries[index].time < entries[victim].time { victim = index }
      if entries[index].key == 0 || entries[index].key == key.rawValue {
        victim = index
        break
      }
    }
    let age = time.nanoseconds(since: Timestamp(nanoseconds: entries[victim].time))
    if entries[victim].key != 0, age.magnitude <= Self.lifetime.magnitude { evicted &+= 1 }
    entries[victim] = Entry(key: key.rawValue, time: time.nanoseconds)
    return victim
  }
}

extension DNSQueries.Entry {
  /// Counts an answer; the first is remembered, later ones are compared with it.
  fileprivate mutating func contradicts(_ answered: [DNSMessage.Address], seed: UInt64) -> Bool {
    var sum: UInt64 = 0
    var distinct: [IPAddress] = []
    for item in answered where !distinct.contains(item.address) {
      distinct.append(item.address)
      sum &+= ((item.address.high ^ seed).mixed ^ item.address.low).mixed
    }
    defer { answers = min(answers, .max - 1) + 1 }
    guard answers > 0 else {
      addresses = sum
      addressCount = UInt16(truncatingIfNeeded: distinct.count)
      return false
    }
    let isSame = addresses == sum && addressCount == UInt16(truncatingIfNeeded: distinct.count)
    return !isSame && answers >= max(queries, 1)
  }
}

import Capture
import Decode

/// What reached miners of late that the policy does not explain, and every command: what may have come before a stop.
package struct Exchanges: Sendable {
  /// How long before a change something may have caused it, in seconds.
  static let memory = 600

  /// Something that may have been said to many.
  private struct Kind: Hashable, Sendable {
    var rule: String
    var subject: String
  }

  private struct Entry: Sendable {
    var time: Int
    var miner: IPAddress
    var kind: Int
  }

  /// What most of the affected had, and few others.
  struct Lead: Equatable, Sendable {
    /// As it was told: `control.command: "reboot" (REBOOT)`.
    var text: String
    var affected: Int
    var others: Int
    /// How much more of the affected had it than of the others; half a miner stands for none.
    var lift: Double
    var probability: Double
    /// Seconds from the first of it to the change.
    var before: Int
  }

  private var entries = Queue<Entry>()
  private var numbers: [Kind: Int] = [:]
  private var texts: [(kind: Kind, text: String, uses: Int)] = []
  private var free: [Int] = []
  /// Exchanges for which there was no room.
  private(set) var missed: UInt64 = 0

  package init() {}

  mutating func note(rule: String, subject: String, text: String, miner: IPAddress, at time: Int) {
    forget(before: time - 2 * Self.memory)
    guard entries.count < Limits.exchanges else { return missed &+= 1 }
    let kind = Kind(rule: rule, subject: subject)
    let number = numbers[kind] ?? add(kind, text)
    texts[number].uses += 1
    entries.append(Entry(time: time, miner: miner, kind: number))
  }

  private mutating func add(_ kind: Kind, _ text: String) -> Int {
    let entry = (kind, "\(kind.rule): \(text)", 0)
    let number: Int
    if let place = free.popLast() {
      number = place
      texts[place] = entry
    } else {
      number = texts.count
      texts.append(entry)
    }
    numbers[kind] = number
    return number
  }

  private mutating func forget(before time: Int) {
    while let entry = entries.first, entry.time < time {
      _ = entries.popFirst()
      texts[entry.kind].uses -= 1
      guard texts[entry.kind].uses == 0 else { continue }
      numbers[texts[entry.kind].kind] = nil
      free.append(entry.kind)
    }
  }

  /// What reached those who changed at a time, in the ten minutes before, and hardly anybody else.
  ///
  /// - Parameters:
  ///   - affected: of these miners.
  ///   - population: how many there are, the affected among them.
  ///   - comesBefore: whether what reached a miner at a time came before its own change.
  func lead(
    to affected: Set<IPAddress>, of population: Int, at time: Int,
    comesBefore: (_ miner: IPAddress, _ time: Int) -> Bool = { _, _ in true }
  ) -> Lead? {
    var reached: [Int: (affected: Set<IPAddress>, others: Set<IPAddress>, first: Int)] = [:]
    for entry in entries.all where entry.time <= time + 1 && entry.time >= time - Self.memory {
      var counts = reached[entry.kind] ?? ([], [], entry.time)
      if affected.contains(entry.miner) {
        guard comesBefore(entry.miner, entry.time) else { continue }
        counts.affected.insert(entry.miner)
      } else {
        counts.others.insert(entry.miner)
      }
      counts.first = min(counts.first, entry.time)
      reached[entry.kind] = counts
    }
    let leads = reached.compactMap { kind, counts -> Lead? in
      guard 2 * counts.affected.count >= affected.count else { return nil }
      let (hit, others) = (counts.affected.count, counts.others.count)
      let all = max(population, affected.count + others)
      let chance = Chance.ofDraw(atLeast: hit, marked: hit + others, drawn: affected.count, all: all)
      let share = Double(hit) / Double(affected.count)
      let elsewhere = max(Double(others), 0.5) / Double(max(all - affected.count, 1))
      return Lead(
        text: texts[kind].text, affected: hit, others: others, lift: share / elsewhere,
        probability: min(chance * Double(reached.count), 1), before: max(time - counts.first, 0))
    }
    // What everybody had explains nothing, unless everybody stopped.
    let telling = leads.filter { $0.probability < 0.01 || affected.count == population }
    // Of several that came to the same miners the first led to the others.
    return telling.min { ($0.probability, $1.lift, $1.before) < ($1.probability, $0.lift, $0.before) }
  }
}

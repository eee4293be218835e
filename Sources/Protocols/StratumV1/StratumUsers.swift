import Capture
import Decode
import Flows

/// Who mines on which session: every user that every open session has named.
///
/// Records keep their place for as long as their session is open, so that they can be referred to by number. An open-addressing
/// index of those numbers is searched by hash; the hash is keyed, so a sender cannot aim at one bucket.
struct StratumUsers: ~Copyable {
  /// What the pool said to a user's request to be let in.
  enum Standing: UInt8, Sendable, BitwiseCopyable {
    case unanswered, accepted, refused
  }

  // Not private: this toolchain emits a broken module for a private element of a slab in another file.
  struct Record: Zeroable {
    var hash: UInt64
    var session: UInt32
    /// The session's next user, or the next free record; one more than its place, 0 for none.
    var next: UInt32
    var standing: Standing
    /// Shares since they were last taken, where the session has more users than one.
    var work = ShareWork()
  }

  private var records: Slab<Record>
  /// One more than a record's place; 0 is free.
  private var index: Slab<UInt32>
  private var texts: [String] = []
  private var firstFree: UInt32 = 0
  /// Users held now.
  private(set) var count = 0

  init(limit: Int) {
    records = Slab(count: limit)
    var size = 16
    while size < limit &* 2 { size &*= 2 }
    index = Slab(count: size)
  }

  /// A user's number; 0 stands for none.
  typealias Number = UInt32

  func text(of user: Number) -> String { texts[Int(user) &- 1] }
  func standing(of user: Number) -> Standing { records[Int(user) &- 1].standing }

  /// Users that are looked through for an account; behind so many it is taken for one of them.
  private static var lookedThrough: Int { 64 }

  /// Letters and digits at the start of a user's name, in lower case: what else stands there names a worker.
  static func account(of user: String) -> Substring {
    user.lowercased().prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
  }

  /// Whether a session's users may be of an account, or nobody can tell of which they are.
  ///
  /// - Parameter first: the session's list of users.
  func mayHold(_ account: Substring, among first: Number) -> Bool {
    var number = first
    for _ in 0..<Self.lookedThrough {
      guard number != 0 else { return false }
      let known = Self.account(of: texts[Int(number) &- 1])
      if known.isEmpty || known == account { return true }
      number = records[Int(number) &- 1].next
    }
    return true
  }

  mutating func set(_ standing: Standing, of user: Number) {
    records[Int(user) &- 1].standing = standing
  }

  mutating func book(accepted: Bool, worth: Double, of user: Number) {
    records[Int(user) &- 1].work.book(accepted: accepted, worth: worth)
  }

  mutating func add(_ work: ShareWork, to user: Number) {
    records[Int(user) &- 1].work.add(work)
  }

  /// Hands on what each user of a session did since the last call.
  mutating func takeWork(of first: Number, _ body: (_ user: String, _ work: ShareWork) -> Void) {
    var number = first
    while number != 0 {
      let place = Int(number) &- 1
      if !records[place].work.isEmpty {
        body(texts[place], records[place].work)
        records[place].work = ShareWork()
      }
      number = records[place].next
    }
  }

  func find(_ hash: UInt64, session: UInt32) -> Number? {
    var place = bucket(hash, session)
    while index[place] != 0 {
      let record = records[Int(index[place]) &- 1]
      if record.hash == hash, record.session == session { return index[place] }
      place = (place &+ 1) & (index.count &- 1)
    }
    return nil
  }

  /// Adds a user that ``find(_:session:)`` does not know.
  ///
  /// - Parameter first: the session's list of users, which it is put in front of.
  /// - Returns: nil when the table is full.
  mutating func add(_ text: String, hash: UInt64, session: UInt32, to first: inout Number) -> Number? {
    let number: Number
    if firstFree != 0 {
      number = firstFree
      firstFree = records[Int(number) &- 1].next
      texts[Int(number) &- 1] = text
    } else {
      guard texts.count < records.count else { return nil }
      texts.append(text)
      number = UInt32(texts.count)
    }
    records[Int(number) &- 1] = Record(hash: hash, session: session, next: first, standing: .unanswered)
    first = number
    count &+= 1
    var place = bucket(hash, session)
    while index[place] != 0 { place = (place &+ 1) & (index.count &- 1) }
    index[place] = number
    return number
  }

  /// Forgets all users of a session.
  mutating func removeAll(_ first: inout Number) {
    while first != 0 {
      let number = first
      let record = records[Int(number) &- 1]
      unlink(number, from: bucket(record.hash, record.session))
      texts[Int(number) &- 1] = ""
      first = record.next
      records[Int(number) &- 1].next = firstFree
      firstFree = number
      count &-= 1
    }
  }

  /// Takes a number out of the index and moves up what was pushed past it, so that no searched chain is cut.
  private mutating func unlink(_ number: Number, from start: Int) {
    let mask = index.count &- 1
    var hole = start
    while index[hole] != number {
      guard index[hole] != 0 else { return }
      hole = (hole &+ 1) & mask
    }
    var place = (hole &+ 1) & mask
    while index[place] != 0 {
      let record = records[Int(index[place]) &- 1]
      let home = bucket(record.hash, record.session)
      if (place &- home) & mask >= (place &- hole) & mask {
        index[hole] = index[place]
        hole = place
      }
      place = (place &+ 1) & mask
    }
    index[hole] = 0
  }

  private func bucket(_ hash: UInt64, _ session: UInt32) -> Int {
    Int(truncatingIfNeeded: (hash ^ UInt64(session)).refolded) & (index.count &- 1)
  }
}

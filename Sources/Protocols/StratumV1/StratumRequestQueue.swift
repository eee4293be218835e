import Capture
import Flows

/// Requests that a reply is awaited to, in the order in which they were sent.
struct StratumRequestQueue: Sendable, BitwiseCopyable {
  /// Places in the pool of requests, one more than their index; 0 for none.
  fileprivate var first: UInt32 = 0
  fileprivate var last: UInt32 = 0
  fileprivate(set) var count: UInt16 = 0
}

/// A request that has no reply yet.
struct StratumRequest: Zeroable {
  enum Kind: UInt8, Sendable, BitwiseCopyable {
    case other, submit, authorize, subscribe, configure, login, getWork
  }

  /// Hash of the id as it is written.
  var id: UInt32
  fileprivate var next: UInt32 = 0
  /// Packet time in seconds, cut to 32 bits.
  var seconds: UInt32
  var kind: Kind
  var user: StratumUsers.Number
  /// Of the job that a share is for; 0 when unknown.
  var difficulty: Double = 0

  init(id: UInt32, seconds: UInt32, kind: Kind, user: StratumUsers.Number, difficulty: Double = 0) {
    self.id = id
    self.seconds = seconds
    self.kind = kind
    self.user = user
    self.difficulty = difficulty
  }
}

/// The open requests of all sessions, in one pool of linked records.
///
/// Ids are not unique: cpuminer sends every share under id 4 (pooler/cpuminer cpu-miner.c). A reply belongs to the
/// oldest request with its id.
struct StratumRequestPool: ~Copyable {
  /// Nobody waits longer: cgminer gives a share up after 120 s (cgminer cgminer.c).
  private static var patience: UInt32 { 120 }

  private var records: Slab<StratumRequest>
  private var firstFree: UInt32 = 0
  private var used: UInt32 = 0
  /// Requests whose reply will not be recognised, because one of the two bounds was reached.
  private(set) var dropped: UInt64 = 0

  init(limit: Int) {
    records = Slab(count: limit)
  }

  mutating func add(_ request: StratumRequest, to queue: inout StratumRequestQueue) {
    while queue.first != 0, request.seconds &- records[Int(queue.first) &- 1].seconds > Self.patience,
      request.seconds > records[Int(queue.first) &- 1].seconds
    {
      removeFirst(of: &queue)
    }
    if queue.count >= Limits.stratumRequestsPerSession {
      dropped &+= 1
      removeFirst(of: &queue)
    }
    guard let place = take() else {
      dropped &+= 1
      return
    }
    records[Int(place) &- 1] = request
    records[Int(place) &- 1].next = 0
    if queue.last == 0 { queue.first = place } else { records[Int(queue.last) &- 1].next = place }
    queue.last = place
    queue.count &+= 1
  }

  /// Takes out the oldest request with this id.
  mutating func remove(_ id: UInt32, from queue: inout StratumRequestQueue) -> StratumRequest? {
    var former: UInt32 = 0
    var place = queue.first
    while place != 0 {
      if records[Int(place) &- 1].id == id {
        let request = records[Int(place) &- 1]
        unlink(place, behind: former, from: &queue)
        return request
      }
      former = place
      place = records[Int(place) &- 1].next
    }
    return nil
  }

  mutating func removeAll(_ queue: inout StratumRequestQueue) {
    while queue.first != 0 { removeFirst(of: &queue) }
  }

  private mutating func removeFirst(of queue: inout StratumRequestQueue) {
    unlink(queue.first, behind: 0, from: &queue)
  }

  private mutating func unlink(_ place: UInt32, behind former: UInt32, from queue: inout StratumRequestQueue) {
    let next = records[Int(place) &- 1].next
    if former == 0 { queue.first = next } else { records[Int(former) &- 1].next = next }
    if queue.last == place { queue.last = former }
    queue.count &-= 1
    records[Int(place) &- 1].next = firstFree
    firstFree = place
  }

  private mutating func take() -> UInt32? {
    if firstFree != 0 {
      let place = firstFree
      firstFree = records[Int(place) &- 1].next
      return place
    }
    guard used < records.count else { return nil }
    used &+= 1
    return used
  }
}

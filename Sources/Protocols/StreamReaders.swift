import Capture
import Decode

/// A reader for a stream that was just recognised.
enum NewReader {
  case bulky(StreamReader)
  case mining(StratumV2Dissector)

  /// - Returns: nil for a protocol that is named and not read.
  init?(for appProtocol: AppProtocol) {
    if appProtocol == .stratumV2 {
      self = .mining(StratumV2Dissector())
    } else if let reader = StreamReader(for: appProtocol) {
      self = .bulky(reader)
    } else {
      return nil
    }
  }

  /// There is no place for it: says what it has to say of a flow that nobody reads.
  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {
    switch self {
    case .bulky(var reader): reader.finish(at: time, into: &said)
    case .mining(var dissector): dissector.finish(at: time, into: &said)
    }
  }
}

/// The streams that are read now, by number. Mining sessions last for weeks and there is one a miner, so they are kept apart from the
/// others, which are bulky and soon over: a crowd of either takes no place from the other.
struct StreamReaders: Sendable {
  /// Numbers from here on are mining sessions'. A flow's state has 18 bits for a number.
  private static let miningBase = 1 << 17

  private var bulky: ReaderTable<StreamReader>
  private var mining: ReaderTable<StratumV2Dissector>

  init(bulky: Int = Limits.streamReaders, mining: Int = Limits.miningReaders) {
    precondition(bulky <= Self.miningBase && mining <= Self.miningBase, "a number of a reader has 18 bits")
    self.bulky = ReaderTable(limit: bulky)
    self.mining = ReaderTable(limit: mining)
  }

  /// - Returns: nil when there is no place.
  mutating func open(_ reader: NewReader) -> UInt32? {
    switch reader {
    case .bulky(let reader): bulky.open(reader)
    case .mining(let dissector): mining.open(dissector).map { $0 &+ UInt32(Self.miningBase) }
    }
  }

  /// Reads on as another protocol.
  mutating func replace(_ number: Int, by reader: StreamReader) {
    if number < Self.miningBase { bulky[number] = reader }
  }

  /// Takes a WebSocket out, so that it is not copied when it changes; nil where the number is another reader's.
  mutating func takeWebSocket(_ number: Int) -> WebSocketDissector? {
    guard number < Self.miningBase, case .webSocket(let socket)? = bulky[number] else { return nil }
    bulky[number] = nil
    return socket
  }

  mutating func putBack(_ socket: WebSocketDissector, _ number: Int) {
    bulky[number] = .webSocket(socket)
  }

  mutating func close(_ number: Int) {
    if number < Self.miningBase { bulky.close(number) } else { mining.close(number - Self.miningBase) }
  }

  mutating func consume(
    _ number: Int, _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    let progress =
      number < Self.miningBase
      ? bulky[number]?.consume(bytes, from: sender, at: time, into: &said)
      : mining[number - Self.miningBase]?.consume(bytes, from: sender, at: time, into: &said)
    return progress ?? DissectorProgress(consumed: bytes.byteCount, next: .done)
  }

  mutating func lose(_ number: Int, from sender: Role) -> Bool {
    let goesOn =
      number < Self.miningBase
      ? bulky[number]?.lose(from: sender) : mining[number - Self.miningBase]?.lose(from: sender)
    return goesOn ?? false
  }

  /// What a session of Stratum V2 came to since the last call; nil for nothing, and for any other reader.
  mutating func takeWork(_ number: Int) -> (user: String?, work: ShareWork)? {
    number < Self.miningBase ? nil : mining[number - Self.miningBase]?.takeWork()
  }

  mutating func finish(_ number: Int, at time: Timestamp, into said: inout [Observation.Content]) {
    if number < Self.miningBase {
      bulky[number]?.finish(at: time, into: &said)
    } else {
      mining[number - Self.miningBase]?.finish(at: time, into: &said)
    }
  }
}

/// Readers of one size, by number; places are taken again.
private struct ReaderTable<Reader: Sendable>: Sendable {
  private let limit: Int
  private var readers: [Reader?] = []
  private var free: [UInt32] = []

  init(limit: Int) {
    self.limit = limit
  }

  subscript(number: Int) -> Reader? {
    get { readers[number] }
    _modify { yield &readers[number] }
  }

  mutating func open(_ reader: Reader) -> UInt32? {
    if let number = free.popLast() {
      readers[Int(number)] = reader
      return number
    }
    guard readers.count < limit else { return nil }
    readers.append(reader)
    return UInt32(truncatingIfNeeded: readers.count &- 1)
  }

  mutating func close(_ number: Int) {
    readers[number] = nil
    free.append(UInt32(truncatingIfNeeded: number))
  }
}

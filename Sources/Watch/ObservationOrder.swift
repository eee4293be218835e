import Capture
import Decode
import Protocols

extension ArraySlice<Observation> {
  /// What a second's end brought to light, in an order that does not depend on where in which worker's table the flows stand: by
  /// when each flow was first seen, then by its ends. What was said of one flow stays as it is.
  func orderedByFlow() -> ArraySlice<Observation> {
    guard count > 1 else { return self }
    let keys = enumerated().map { index, observation in Key(observation, index) }
    // Mostly they are, and to order them copies them all.
    guard zip(keys, keys.dropFirst()).contains(where: { $1 < $0 }) else { return self }
    return keys.sorted().map { self[startIndex + $0.index] }[...]
  }

  private struct Key: Comparable {
    var firstSeen: Timestamp
    var client: (address: IPAddress, port: UInt16)
    var server: (address: IPAddress, port: UInt16)
    var index: Int

    init(_ observation: Observation, _ index: Int) {
      let flow = observation.flow
      firstSeen = flow?.firstSeen ?? Timestamp(nanoseconds: .min)
      client = (flow?.client.address ?? IPAddress(v4: 0), flow?.client.port ?? 0)
      server = (flow?.server.address ?? IPAddress(v4: 0), flow?.server.port ?? 0)
      self.index = index
    }

    static func < (left: Key, right: Key) -> Bool {
      if left.firstSeen != right.firstSeen { return left.firstSeen < right.firstSeen }
      if left.client != right.client { return left.client < right.client }
      if left.server != right.server { return left.server < right.server }
      return left.index < right.index
    }

    static func == (left: Key, right: Key) -> Bool { left.index == right.index }
  }
}

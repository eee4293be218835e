package import Decode
package import Protocols

/// Where somebody is reached, in the eighteen bytes that tell it: an ``Endpoint`` with its link-layer address takes 32.
package struct ServerAddress: Hashable, Sendable, BitwiseCopyable {
  package let address: IPAddress
  package let port: UInt16

  init(_ endpoint: Endpoint) {
    address = endpoint.address
    port = endpoint.port
  }

  package var endpoint: Endpoint { Endpoint(address: address, port: port) }
}

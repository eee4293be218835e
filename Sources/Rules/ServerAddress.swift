package import Decode
package import Protocols

/// Where somebody is reached, in the eighteen bytes that tell it: an ``Endpoint`` with its link-layer address takes 32.
package struct ServerAddress: PlaceKey, BitwiseCopyable {
  package let address: IPAddress
  package let port: UInt16

  init(_ endpoint: Endpoint) {
    address = endpoint.address
    port = endpoint.port
  }

  package func hash(_ secrets: PlaceSecrets) -> UInt64 { secrets.fold(address.hash(secrets), UInt64(port)) }

  package var endpoint: Endpoint { Endpoint(address: address, port: port) }
}

import Flows

extension Slab where Element == UInt8 {
  init(copying bytes: [UInt8]) {
    self.init(count: bytes.count)
    for (index, byte) in bytes.enumerated() { self[index] = byte }
  }
}

import Testing

@testable import Flows

struct StreamBuffersTests {
  static func slab(_ bytes: [UInt8]) -> Slab<UInt8> { frame(0, bytes) }

  static func append(_ bytes: [UInt8], to buffer: inout BufferIndex, of buffers: inout StreamBuffers) -> Bool {
    let slab = slab(bytes)
    return buffers.append(slab.bytes(0..<slab.count), to: &buffer)
  }

  @Test
  func `grows through the sizes up to 64 KiB and no further`() throws {
    var buffers = StreamBuffers(budget: 256 << 10)
    var buffer = try #require(buffers.acquire(capacity: 1) as BufferIndex?)
    var expected: [UInt8] = []
    while expected.count + 1_000 <= 64 << 10 {
      let more = (0..<1_000).map { UInt8(truncatingIfNeeded: expected.count + $0 * 7) }
      expected += more
      #expect(Self.append(more, to: &buffer, of: &buffers))
    }
    #expect(everything(buffers.bytes(buffer)) == expected)
    #expect(!Self.append([UInt8](repeating: 1, count: 1_000), to: &buffer, of: &buffers))
    #expect(everything(buffers.bytes(buffer)) == expected)
    #expect(buffers.acquire(capacity: 64 << 10 + 1) == nil)
    buffers.release(buffer)
    #expect(buffers.bytesInUse == 0)
  }

  @Test
  func `uses the room that dropped bytes leave`() throws {
    var buffers = StreamBuffers(budget: 64 << 10)
    var buffer = try #require(buffers.acquire(capacity: 2 << 10) as BufferIndex?)
    let first = buffer
    var next: UInt8 = 0
    var kept: [UInt8] = []
    for _ in 0..<500 {
      let more = (0..<700).map { _ in
        next &+= 1
        return next
      }
      #expect(Self.append(more, to: &buffer, of: &buffers))
      kept += more
      let drop = min(kept.count, kept.count > 1_300 ? 700 : 350)
      buffers.dropFirst(drop, of: buffer)
      kept.removeFirst(drop)
      #expect(buffers.count(of: buffer) == kept.count)
    }
    #expect(buffer == first)
    #expect(everything(buffers.bytes(buffer)) == kept)
    buffers.dropFirst(.max, of: buffer)
    #expect(buffers.count(of: buffer) == 0)
  }

  @Test
  func `never takes more than its budget, and all of it for any size`() {
    for (capacity, count) in [(1, 64), (2 << 10, 64), (3_000, 8), (20_000, 2)] {
      var buffers = StreamBuffers(budget: 128 << 10)
      for _ in 0..<3 {
        var taken: [BufferIndex] = []
        while let buffer = buffers.acquire(capacity: capacity) { taken.append(buffer) }
        #expect(taken.count == count)
        #expect(Set(taken).count == count)
        #expect(buffers.bytesInUse == 128 << 10)
        for buffer in taken { buffers.release(buffer) }
        #expect(buffers.bytesInUse == 0)
      }
      #expect(buffers.refusals == 3)
      #expect(buffers.peakBytesInUse == 128 << 10)
    }
  }

  @Test
  func `takes a larger buffer when no page is left for a small one`() throws {
    var buffers = StreamBuffers(budget: 64 << 10)
    let medium = try #require(buffers.acquire(capacity: 10_000) as BufferIndex?)
    let small = try #require(buffers.acquire(capacity: 10) as BufferIndex?)
    #expect(buffers.bytesInUse == 32 << 10)
    buffers.release(medium)
    buffers.release(small)
    #expect(buffers.acquire(capacity: 64 << 10) != nil)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `buffers do not touch each other`(seed: UInt64) {
    var dice = Dice(state: seed)
    var buffers = StreamBuffers(budget: 512 << 10)
    var live: [(buffer: BufferIndex, content: [UInt8])] = []
    for _ in 0..<1_000 {
      let choice = Int.random(in: 0..<10, using: &dice)
      if choice < 4, let buffer = buffers.acquire(capacity: Int.random(in: 1...20_000, using: &dice)) {
        live.append((buffer, []))
      } else if choice < 8, !live.isEmpty {
        let index = Int.random(in: 0..<live.count, using: &dice)
        let more = [UInt8](
          repeating: UInt8.random(in: 0...255, using: &dice), count: Int.random(in: 0...3_000, using: &dice))
        if Self.append(more, to: &live[index].buffer, of: &buffers) { live[index].content += more }
      } else if !live.isEmpty {
        let entry = live.remove(at: Int.random(in: 0..<live.count, using: &dice))
        #expect(everything(buffers.bytes(entry.buffer)) == entry.content, "seed \(seed)")
        buffers.release(entry.buffer)
      }
    }
    for entry in live {
      #expect(everything(buffers.bytes(entry.buffer)) == entry.content, "seed \(seed)")
      buffers.release(entry.buffer)
    }
    #expect(buffers.bytesInUse == 0)
  }
}

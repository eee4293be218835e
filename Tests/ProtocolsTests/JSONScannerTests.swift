import Flows
import Testing

import struct Simulator.SplitMix64

@testable import Protocols

private func scan(_ text: [UInt8]) -> JSONMessage {
  let slab = Slab(copying: text)
  return JSONScanner.scan(slab.bytes(0..<text.count), from: 0)
}

private func scan(_ text: String) -> JSONMessage { scan(Array(text.utf8)) }

@Suite struct JSONScannerTests {
  static let submit =
    #"{"params": ["acme.rig1", "5f03", "00000000", "6b030372", "1a531a00", "00c00000"], "id": 42, "method": "mining.submit"}"#

  @Test func `finds the parts of a message`() {
    let text = Self.submit
    let bytes = Array(text.utf8)
    let slab = Slab(copying: bytes)
    let span = slab.bytes(0..<bytes.count)
    let message = JSONScanner.scan(span, from: 0)
    #expect(message.outcome == .complete)
    #expect(message.end == bytes.count)
    #expect(message.faults == [])
    #expect(span.text(message.method) == "mining.submit")
    #expect(span.integer(message.id) == 42)
    #expect(message.params.kind == .array)
    #expect(message.parameterCount == 6)
    #expect(
      (0..<6).map { span.text(message.parameter($0)) } == [
        "acme.rig1", "5f03", "00000000", "6b030372", "1a531a00", "00c00000",
      ])
    #expect(message.parameter(6).kind == .missing)
    #expect(message.result.kind == .missing)
  }

  @Test(arguments: [
    "{}", #"{"a":1}"#, #"{"a":-0.5e+10,"b":0,"c":1E5,"d":[],"e":{},"f":[{}],"g":[[1,2],[3]]}"#,
    "{ \"a\" :\t[ 1 , 2 ] } ",
    #"{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}"#, #"{"a":"é 中 😀"}"#, #"{"a":true,"b":false,"c":null}"#, #"{"":""}"#,
    #"{"a":"\#(String(repeating: "x", count: 100))"}"#, "{\"a\":\"\u{7f}\"}",
  ])
  func `takes valid JSON`(text: String) {
    let message = scan(text)
    #expect(message.outcome == .complete)
    #expect(message.faults == [])
  }

  @Test(arguments: [
    "x", "[1]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#, #"{"a":1 "b":2}"#, #"{"a":[1,]}"#,
    #"{"a":[,1]}"#, #"{"a":01}"#,
    #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":-}"#, #"{"a":1e}"#, #"{"a":+1}"#, #"{"a":NaN}"#, #"{"a":Infinity}"#,
    #"{"a":tru}"#, #"{"a":nul }"#,
    #"{"a":falsy}"#, #"{"a":[}"#, #"{"a":{]}"#, "{\"a\":\"x\ny\"}", "{\"a\":\n1}", "{'a':1}", #"{"a":1]"#,
    "{\"a\":tr\n", "{\0}",
    #"{"a":1e5x}"#,
  ])
  func `refuses what is no JSON`(text: String) {
    #expect(scan(text).outcome == .broken)
    #expect(scan(text).faults.contains(.structure))
  }

  /// Not valid, but cJSON reads on, and so must we.
  @Test(arguments: [
    (Array("{\"method\":\"a\u{1}b\"}".utf8), JSONFaults.text),
    (Array(#"{"method":"a\qb"}"#.utf8), .text),
    (Array(#"{"method":"a\u12g4"}"#.utf8), .text),
    (Array(#"{"method":"\ud800"}"#.utf8), .encoding),
    (Array(#"{"method":"\ude00\ud83d"}"#.utf8), .encoding),
    (Array(#"{"method":"\ud83d\u0041"}"#.utf8), .encoding),
    ([0x7b, 0x22, 0x6d, 0x22, 0x3a, 0x22, 0xc0, 0xaf, 0x22, 0x7d], .encoding),  // overlong "/"
    ([0x7b, 0x22, 0x6d, 0x22, 0x3a, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d], .encoding),  // a surrogate
    ([0x7b, 0x22, 0x6d, 0x22, 0x3a, 0x22, 0xf4, 0x90, 0x80, 0x80, 0x22, 0x7d], .encoding),  // behind U+10FFFF
    ([0x7b, 0x22, 0x6d, 0x22, 0x3a, 0x22, 0xe2, 0x82, 0x22, 0x7d], .encoding),  // cut off
    ([0x7b, 0x22, 0x6d, 0x22, 0x3a, 0x22, 0x80, 0x22, 0x7d], .encoding),
  ])
  func `reads on behind bad text and tells`(bytes: [UInt8], fault: JSONFaults) {
    let message = scan(bytes)
    #expect(message.outcome == .complete)
    #expect(message.faults == fault)
  }

  @Test func `is unfinished at every truncation and never complete`() {
    let bytes = Array(#"{"id":null,"method":"mining\u002enotify","params":["é",[true,{"x":-1.5e3}],false]}"#.utf8)
    for count in 0..<bytes.count {
      let message = scan(Array(bytes.prefix(count)))
      #expect(message.outcome == .unfinished, "\(count)")
    }
    #expect(scan(bytes).outcome == .complete)
  }

  @Test(arguments: [(32, JSONMessage.Outcome.complete), (33, .broken), (1_000, .broken)])
  func `bounds the depth`(depth: Int, outcome: JSONMessage.Outcome) {
    let text =
      #"{"params":"# + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}"
    let message = scan(text)
    #expect(message.outcome == outcome)
    #expect(message.faults.contains(.depth) == (outcome == .broken))
  }

  @Test(arguments: [
    #"{"\u006dethod":"x"}"#, #"{"METHOD":"x"}"#, #"{"other":{"method":1},"method":"x"}"#,
    #"{"params":{"method":1},"method":"x"}"#,
    #"{"methods":1,"method":"x"}"#,
  ])
  func `finds the key however it is written`(text: String) {
    let message = scan(text)
    #expect(message.method.kind == .string)
    #expect(message.method.range.count == 1)
    #expect(message.hasLooseKey == text.contains("METHOD"))
  }

  @Test func `knows every key`() {
    let message = scan(#"{"id":1,"method":"","params":{},"result":true,"error":[],"reject-reason":null}"#)
    let kinds = [message.id, message.method, message.params, message.result, message.error, message[.rejectReason]].map(
      \.kind)
    #expect(kinds == [.number, .string, .object, .true, .array, .null])
  }

  @Test func `keeps the first and the last of two`() {
    let bytes = Array(#"{"method":"a","params":[1,2],"method":"b","params":["c"],"id":1}"#.utf8)
    let slab = Slab(copying: bytes)
    let span = slab.bytes(0..<bytes.count)
    let message = JSONScanner.scan(span, from: 0)
    #expect(message.faults == .duplicateKey)
    #expect(span.text(message[.firstMethod]) == "a")
    #expect(span.text(message.method) == "b")
    #expect(span.text(message[.firstParams]) == "[1,2]")
    #expect(message.parameterCount == 1)
    #expect(span.text(message.parameter(0)) == "c")
  }

  @Test func `gives nested parameters whole`() {
    let bytes = Array(#"{"params":[["a",{"b":[1]}],{"c":2},"d"]}"#.utf8)
    let slab = Slab(copying: bytes)
    let span = slab.bytes(0..<bytes.count)
    let message = JSONScanner.scan(span, from: 0)
    #expect((0..<3).map { span.text(message.parameter($0)) } == [#"["a",{"b":[1]}]"#, #"{"c":2}"#, "d"])
  }

  @Test func `counts parameters that it does not keep`() {
    let message = scan(#"{"params":[0,1,2,3,4,5,6,7,8,9,10,11]}"#)
    #expect(message.parameterCount == 12)
    #expect(message.parameter(9).kind == .number)
    #expect(message.parameter(10).kind == .missing)
  }

  /// Whatever bytes come, offsets stay inside and nothing traps.
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `survives random changes`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let pieces = Array(#"{}[]",:\u0d8f truefalsn.-+eE0"#.utf8) + [0, 10, 0x80, 0xe2, 0xf4, 0xff]
    for _ in 0..<4_000 {
      var bytes = Array(Self.submit.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = pieces.randomElement(using: &random) ?? 0
        case 1: bytes.insert(pieces.randomElement(using: &random) ?? 0, at: place)
        default: bytes.remove(at: place)
        }
      }
      let slab = Slab(copying: bytes)
      let span = slab.bytes(0..<bytes.count)
      let message = JSONScanner.scan(span, from: 0)
      #expect(message.end <= bytes.count)
      for value in [
        message.id, message.method, message.params, message.result, message.parameter(0), message.parameter(5),
      ] {
        #expect(value.range.upperBound <= bytes.count)
        _ = (
          span.text(value), span.number(value), span.integer(value), span.member("a", of: value),
          span.element(1, of: value)
        )
      }
    }
  }
}

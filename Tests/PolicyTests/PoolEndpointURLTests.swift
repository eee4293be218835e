import Decode
import Testing

@testable import Policy

struct PoolEndpointURLTests {
  private static let key = "9auqWEzQDVyd2oe1JVGFLMLHZtCo2FFqZwtKA5gd9xbuEu7PH72"

  @Test(arguments: [
    ("stratum+tcp://pool.example:3333", "stratum+tcp://pool.example:3333"),
    ("stratum+ssl://pool.example:443", "stratum+ssl://pool.example:443"),
    ("stratum+tls://pool.example:443", "stratum+ssl://pool.example:443"),  // three spellings of one
    ("stratum+tcps://pool.example:443", "stratum+ssl://pool.example:443"),
    ("Stratum+TCP://Pool.Example.:3333/", "stratum+tcp://pool.example:3333"),
    ("stratum+tcp://pool.example:3334/#xnsub", "stratum+tcp://pool.example:3334"),
    ("stratum+tcp://203.0.113.7:25", "stratum+tcp://203.0.113.7:25"),
    ("stratum+tcp://[2001:db8::7]:3333", "stratum+tcp://[2001:db8::7]:3333"),
    ("stratum2+tcp://v2.pool.example:3336", "stratum2+tcp://v2.pool.example:3336"),
    ("stratum2+tcp://v2.pool.example:3336/\(key)", "stratum2+tcp://v2.pool.example:3336/\(key)"),
  ])
  func `reads a URL`(text: String, url: String) throws {
    #expect(try PoolEndpoint(parsing: text).url == url)
  }

  @Test(arguments: [
    ("", #""" is no pool's URL"#),
    ("pool.example:3333", #""pool.example:3333" is no pool's URL (did you mean "stratum+tcp://pool.example:3333"?)"#),
    ("tcp://pool.example:3333", #"unknown scheme "tcp" (did you mean "stratum+tcp"?)"#),
    ("ssl://pool.example:443", #"unknown scheme "ssl" (did you mean "stratum+ssl"?)"#),
    ("stratum://pool.example:443", #"unknown scheme "stratum" (did you mean "stratum+tcp"?)"#),
    ("startum+tcp://pool.example:443", #"unknown scheme "startum+tcp" (did you mean "stratum+tcp"?)"#),
    (
      "http://pool.example:8332",
      #"unknown scheme "http" (known: stratum+tcp, stratum+ssl, stratum+tls, stratum+tcps, stratum2+tcp)"#
    ),
    ("stratum+tcp://pool.example", #""stratum+tcp://pool.example" has no port (write host:3333)"#),
    ("stratum+tcp://pool.example:", #""stratum+tcp://pool.example:" has no port (write host:3333)"#),
    ("stratum+tcp://pool.example:0", #""0" is no port from 1 to 65535"#),
    ("stratum+tcp://pool.example:65536", #""65536" is no port from 1 to 65535"#),
    ("stratum+tcp://:3333", #""" is no name or address of a host"#),
    ("stratum+tcp://po ol:3333", #""po ol" is no name or address of a host"#),
    (
      "stratum+tcp://10.0.0.256:3333",
      #""10.0.0.256" is no IPv4 address: four numbers from 0 to 255 without leading zeros"#
    ),
    (
      "stratum+tcp://2001:db8::7",
      #""stratum+tcp://2001:db8::7": an IPv6 address stands in brackets (write [2001:db8::7]:3333)"#
    ),
    ("stratum+tcp://[2001:db8::x]:1", #""stratum+tcp://[2001:db8::x]:1" has no IPv6 address in its brackets"#),
    (
      "stratum+tcp://u@pool.example:3333",
      #""stratum+tcp://u@pool.example:3333" has a user in it; users go under accounts"#
    ),
    (
      "stratum+tcp://pool.example:3333/x",
      #""stratum+tcp://pool.example:3333/x" has a path after its port; only stratum2+tcp has one, the pool's key"#
    ),
    (
      "stratum2+tcp://pool.example:3336/0OIl",
      #""0OIl" is no V2 authority key: base58 has letters and digits without 0, O, I and l"#
    ),
    ("stratum2+tcp://pool.example:3336/abc", #""abc" is no V2 authority key: it should have about 51 characters"#),
  ])
  func `refuses what is no URL`(text: String, why: String) {
    #expect(throws: WrongValue(why)) { try PoolEndpoint(parsing: text) }
  }
}

import Foundation

/// The other end of a local socket: a small program that reads when it is told to and keeps what it read.
struct SocketPeer {
  enum Kind: String {
    /// Datagrams, each on a line of its own; none is read before ``read()``.
    case datagram
    case stream
    /// Takes the first connection and drops it at once.
    case rude
  }

  static let python = "/usr/bin/python3"

  let path: String
  private let process: Process

  init(_ kind: Kind, at path: String) throws {
    self.path = path
    let script = """
      import os, socket, sys, time
      path, kind = sys.argv[1:3]
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if kind == "datagram" else socket.SOCK_STREAM)
      s.bind(path)
      if kind != "datagram": s.listen()
      if kind == "datagram":
        while not os.path.exists(path + ".go"): time.sleep(0.005)
        while True:
          message = s.recv(1 << 20)
          with open(path + ".out", "ab") as out: out.write(message + b"\\n")
      c, _ = s.accept()
      if kind == "rude":
        c.close(); open(path + ".out", "w").close(); time.sleep(60)
      while True:
        bytes = c.recv(1 << 16)
        if not bytes: break
        with open(path + ".out", "ab") as out: out.write(bytes)
      """
    process = try Programs.start(Self.python, ["-c", script, path, kind.rawValue])
  }

  /// The socket is bound; a moment later it listens too.
  var isReady: Bool { FileManager.default.fileExists(atPath: path) }

  func read() {
    _ = FileManager.default.createFile(atPath: path + ".go", contents: nil)
  }

  var lines: [String] { Programs.lines(path + ".out") }
  var hasEnded: Bool { FileManager.default.fileExists(atPath: path + ".out") }

  func end() { Programs.end(process) }
}

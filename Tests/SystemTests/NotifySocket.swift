import Foundation

/// A service manager's ear: a datagram socket that keeps what it is told.
final class NotifySocket {
  let path: String
  private let log: URL
  private let listener: Running

  init(at path: String) throws {
    self.path = path
    log = URL(fileURLWithPath: path + ".log")
    let script = """
      import socket, sys
      ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      ear.bind(sys.argv[1])
      while True:
          with open(sys.argv[2], "ab") as log: log.write(ear.recv(65536) + b"\\0")
      """
    listener = try Running(["-c", script, path, log.path], of: Program.path(of: "python3") ?? "python3")
    guard Deadline.wait(until: { FileManager.default.fileExists(atPath: path) }) else {
      throw Program.Failed(description: "the listener did not start: \(listener.errors)")
    }
  }

  /// One element a datagram.
  var messages: [String] {
    let data = (try? Data(contentsOf: log)) ?? Data()
    return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}

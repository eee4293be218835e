import Foundation

/// A real rsyslogd that knows only two sockets and one file, all in a folder of its own.
struct RsyslogDaemon {
  static let program = "/usr/sbin/rsyslogd"

  let folder: String
  private let process: Process

  /// Set up as for /dev/log, but that the time is the message's and not the moment it came.
  var socket: String { folder + "/log" }
  /// Set up to read RFC 5424, whose host name and time a plain /dev/log would not.
  var modernSocket: String { folder + "/log5424" }

  init(in folder: String) throws {
    self.folder = folder
    let configuration = """
      global(workDirectory="\(folder)" maxMessageSize="64k")
      module(load="imuxsock" SysSock.Use="off")
      input(type="imuxsock" Socket="\(folder)/log" IgnoreTimestamp="off" useSysTimeStamp="off")
      input(type="imuxsock" Socket="\(folder)/log5424" IgnoreTimestamp="off" useSpecialParser="off" parseHostname="on"
            useSysTimeStamp="off")
      template(name="fields" type="list" option.jsonf="on") {
        property(outname="pri" name="pri" format="jsonf")
        property(outname="severity" name="syslogseverity-text" format="jsonf")
        property(outname="facility" name="syslogfacility-text" format="jsonf")
        property(outname="rfc3164" name="timereported" dateFormat="rfc3164" format="jsonf")
        property(outname="rfc3339" name="timereported" dateFormat="rfc3339" format="jsonf")
        property(outname="host" name="hostname" format="jsonf")
        property(outname="tag" name="syslogtag" format="jsonf")
        property(outname="app" name="app-name" format="jsonf")
        property(outname="process" name="procid" format="jsonf")
        property(outname="msgid" name="msgid" format="jsonf")
        property(outname="data" name="structured-data" format="jsonf")
        property(outname="message" name="msg" format="jsonf")
      }
      *.* action(type="omfile" file="\(folder)/out.json" template="fields")

      """
    try configuration.write(toFile: folder + "/rsyslog.conf", atomically: false, encoding: .utf8)
    process = try Programs.start(
      Self.program, ["-n", "-f", folder + "/rsyslog.conf", "-i", folder + "/rsyslog.pid"])
  }

  var isReady: Bool {
    [socket, modernSocket].allSatisfy { FileManager.default.fileExists(atPath: $0) }
  }

  /// What was received from minewatch, one dictionary a message.
  var messages: [[String: String]] {
    Programs.lines(folder + "/out.json").compactMap { line in
      try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
    }.filter { $0["app"] == "minewatch" }
  }

  /// A restart removes the sockets.
  func end() {
    Programs.end(process)
  }
}

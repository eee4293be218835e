import Capture
import Glibc

/// A log file: whole lines, appended, in one write(2) a batch.
///
/// A full disk tears the last line at some byte; when there is room again the same line goes on from there, or, should
/// the file have changed, starts anew on a line of its own. A file that was torn by a crash gets its line feed first.
final class FileSink: LineSink {
  let name: String
  private let path: String
  private var descriptor: Descriptor?
  private var torn: TornLine?

  private struct TornLine {
    var bytes: [UInt8]
    /// Bytes of it that are in the file.
    var written: Int
    /// The file's size after them.
    var fileSize: Int
  }

  /// - Parameter kind: what the file is for: "log", "eve".
  init(kind: String, path: String) {
    name = "\(kind) \(path)"
    self.path = path
  }

  var isMidLine: Bool { torn != nil }

  func open() throws(SinkFailure) {
    do throws(SystemError) {
      let opened = try Descriptor.appending(to: path)
      let status = try opened.status()
      guard status.isRegularFile || status.isCharacterDevice else { throw SystemError(code: ENXIO) }
      descriptor = consume opened
    } catch {
      throw failure(error)
    }
  }

  func reopen() {
    descriptor = nil
    // What a full disk tore stays torn at the end of the old file; the whole line goes into the new one.
    torn?.fileSize = -1
  }

  func write(_ lines: ArraySlice<[UInt8]>) -> SinkProgress {
    var progress = SinkProgress()
    do {
      try openIfNeeded()
      try finishTornLine()
      while progress.taken < lines.count {
        progress.taken += try append(lines.dropFirst(progress.taken))
        try finishTornLine()
      }
    } catch {
      progress.failure = error
    }
    return progress
  }

  /// Somebody who removes the file without telling us would have us write to nowhere.
  private func openIfNeeded() throws(SinkFailure) {
    if let status = try? descriptor?.status(), status.isRegularFile, status.links == 0 { reopen() }
    guard descriptor == nil else { return }
    try open()
    try endForeignLine()
  }

  /// Goes on with the line that a full disk tore, or begins it anew when the file is no longer as we left it.
  private func finishTornLine() throws(SinkFailure) {
    while var line = torn {
      if try end().size != line.fileSize {
        try endForeignLine()
        line.written = 0
      }
      line.written += try put(line.bytes[line.written...])
      line.fileSize = try end().size
      torn = line.written < line.bytes.count ? line : nil
    }
  }

  /// A crash, or a full disk at the time of one, may have left half a line at the end.
  private func endForeignLine() throws(SinkFailure) {
    guard try !end().endsLine else { return }
    _ = try put([UInt8(ascii: "\n")])
  }

  /// Appends as many lines as fit in one write.
  ///
  /// - Returns: how many it began; the last of them may be torn.
  private func append(_ lines: ArraySlice<[UInt8]>) throws(SinkFailure) -> Int {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for line in lines {
      if !bytes.isEmpty, bytes.count + line.count > Limits.sinkBatch { break }
      bytes += line
      ends.append(bytes.count)
    }
    let written = try put(bytes[...])
    let whole = ends.firstIndex { $0 > written } ?? ends.count
    guard whole < ends.count else { return whole }
    let start = whole == 0 ? 0 : ends[whole - 1]
    guard written > start else { return whole }
    let size = try end().size
    torn = TornLine(bytes: Array(bytes[start..<ends[whole]]), written: written - start, fileSize: size)
    return whole + 1
  }
}

// MARK: - The file

extension FileSink {
  /// Its size and whether it ends with a line feed. A device has no end.
  private func end() throws(SinkFailure) -> (size: Int, endsLine: Bool) {
    do {
      guard let status = try descriptor?.status(), status.isRegularFile, status.size > 0 else { return (0, true) }
      return (status.size, try descriptor?.byte(at: status.size - 1) == UInt8(ascii: "\n"))
    } catch {
      throw failure(error)
    }
  }

  private func put(_ bytes: ArraySlice<UInt8>) throws(SinkFailure) -> Int {
    do {
      return try descriptor?.write(bytes) ?? 0
    } catch {
      throw failure(error)
    }
  }

  private func failure(_ error: SystemError) -> SinkFailure {
    SinkFailure(code: error.code, description: "\(name): \(error): \(cure(error.code))")
  }

  private func cure(_ code: Int32) -> String {
    switch code {
    case ENOENT: "folder \(missingFolder()) is missing: create it, writable for the user that Minewatch runs as"
    case EACCES, EPERM: "let the user that Minewatch runs as write to the file and its folder"
    case ENOSPC, EDQUOT: "free some space; up to \(Limits.sinkQueue) lines wait for it"
    case ELOOP: "the last part of the path is a symbolic link: give the file's own path (for standard output, -)"
    case EISDIR, ENXIO: "give the path of a plain file"
    default: SinkFailure.cureOfPath(code)
    }
  }

  /// The first folder on the way that is not there.
  private func missingFolder() -> String {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += (folder.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
      if !exists(atPath: folder) { break }
    }
    return folder.isEmpty ? "of \(path)" : folder
  }
}

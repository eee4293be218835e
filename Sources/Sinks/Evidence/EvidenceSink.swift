import Capture
import Foundation
import Glibc

/// The folder that evidence is kept in. A "line" is a file: its name, a line feed, and what is in it.
///
/// A file is written under another name and then renamed, so nobody ever finds half of one. When all together are more than
/// may be kept, those with the oldest names go, those of earlier runs too.
final class EvidenceSink: LineSink {
  let name: String
  private let folder: String
  /// Bytes of all files together.
  private let keep: Int
  private let fileLimit: Int
  /// What is in the folder, the oldest first; nil until it is looked at: at the first file, on the sink's own thread.
  private var held: ArraySlice<Held>?
  private var bytes = 0

  private struct Held {
    let name: String
    var size: Int
  }

  /// - Parameter keep: bytes.
  init(folder: String, keep: Int, fileLimit: Int = Limits.evidenceFiles) {
    name = "evidence \(folder)"
    self.folder = folder
    self.keep = keep
    self.fileLimit = fileLimit
  }

  let isMidLine = false

  /// One file, as the queue takes it.
  static func line(_ file: EvidenceFile) -> [UInt8] {
    Array(file.name.utf8) + [UInt8(ascii: "\n")] + file.bytes
  }

  func open() throws(SinkFailure) {
    do {
      try FileSystem.makeFolder(folder)
    } catch {
      throw failure(error)
    }
  }

  func reopen() {
    held = nil
  }

  func write(_ lines: ArraySlice<[UInt8]>) -> SinkProgress {
    var progress = SinkProgress()
    for line in lines {
      guard let end = line.firstIndex(of: UInt8(ascii: "\n")) else { continue }
      let name = String(decoding: line[..<end], as: UTF8.self)
      do {
        try write(name, line[(end + 1)...])
      } catch {
        progress.failure = error
        return progress
      }
      progress.taken += 1
    }
    return progress
  }

  private func write(_ name: String, _ bytes: ArraySlice<UInt8>) throws(SinkFailure) {
    let path = "\(folder)/\(name)"
    let draft = Self.draft(path)
    do throws(SystemError) {
      if !exists(atPath: folder) {
        held = nil
        try FileSystem.makeFolder(folder)
      }
      if held == nil { lookAround() }
      do {
        try FileSystem.remove(draft)
        try Descriptor.create(draft, holding: bytes)
        try FileSystem.rename(draft, to: path)
      } catch {
        // What a full disk left of it would only take more of the disk.
        try? FileSystem.remove(draft)
        throw error
      }
      note(name, bytes.count)
      try makeRoom(sparing: name)
    } catch {
      throw failure(error)
    }
  }

  // MARK: What is kept

  /// Takes stock of what earlier runs left, and removes what they left half.
  private func lookAround() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where Self.isDraft(name) { try? FileSystem.remove("\(folder)/\(name)") }
    let files = names.filter(EvidenceFile.isName).sorted().compactMap { name in
      FileSystem.size(of: "\(folder)/\(name)").map { Held(name: name, size: $0) }
    }
    held = files[...]
    bytes = files.reduce(0) { $0 + $1.size }
  }

  private func note(_ name: String, _ size: Int) {
    var files = held ?? []
    // Nearly always the newest, or one of the last few.
    let next = files.lastIndex { $0.name <= name }.map { $0 + 1 } ?? files.startIndex
    if next > files.startIndex, files[next - 1].name == name {
      bytes += size - files[next - 1].size
      files[next - 1].size = size
    } else {
      bytes += size
      files.insert(Held(name: name, size: size), at: next)
    }
    held = files
  }

  private func makeRoom(sparing newest: String) throws(SystemError) {
    while bytes > keep || (held?.count ?? 0) > fileLimit, let oldest = held?.first, oldest.name != newest {
      try FileSystem.remove("\(folder)/\(oldest.name)")
      bytes -= oldest.size
      held = held?.dropFirst()
    }
  }

  /// Hidden, so that nothing which looks for captures finds it.
  private static func draft(_ path: String) -> String {
    let end = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
    return "\(path[..<end]).\(path[end...]).part"
  }

  private static func isDraft(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(".part") && EvidenceFile.isName(String(name.dropFirst().dropLast(5)))
  }

  private func failure(_ error: SystemError) -> SinkFailure {
    SinkFailure(code: error.code, description: "\(name): \(error): \(Self.cure(error.code))")
  }

  private static func cure(_ code: Int32) -> String {
    switch code {
    case ENOENT: "the folder above it is missing: create it, writable for the user that Minewatch runs as"
    case EACCES, EPERM: "let the user that Minewatch runs as write to the folder"
    case ENOSPC, EDQUOT: "free some space, or keep less"
    default: SinkFailure.cureOfPath(code)
    }
  }
}

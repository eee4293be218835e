import Foundation

// Built only into `minewatch-fuzz`, with libFuzzer: see Scripts/fuzz.sh. Usage: minewatch-fuzz NAME [libFuzzer's options],
// minewatch-fuzz --list, minewatch-fuzz --seeds NAME FOLDER.

private typealias Input = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments>, _ input: Input
) -> CInt

/// Set once, before the fuzzer starts.
nonisolated(unsafe) private var target = FuzzTarget.all[0]

/// Where the name stands for the program that libFuzzer starts anew, to merge or to minimise: it does not hand it on.
private let inheritedName = "MINEWATCH_FUZZ_TARGET"

@_cdecl("minewatch_fuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  let words = CommandLine.arguments
  if let name = ProcessInfo.processInfo.environment[inheritedName], let chosen = FuzzTarget.named(name) {
    return unsafe fuzz(chosen, count, arguments)
  }
  guard words.count > 1 else { return usage() }
  if words[1] == "--list" {
    for target in FuzzTarget.all { print(target.name) }
    return 0
  }
  let isWritingSeeds = words[1] == "--seeds" && words.count == 4
  let name = isWritingSeeds ? words[2] : words[1]
  guard let chosen = FuzzTarget.named(name) else { return usage() }
  if isWritingSeeds { return write(chosen.seeds(), to: words[3]) }
  unsafe setenv(inheritedName, name, 1)
  unsafe arguments[1] = arguments[0]
  return unsafe fuzz(chosen, count - 1, arguments + 1)
}

private func fuzz(_ chosen: FuzzTarget, _ count: CInt, _ arguments: Arguments) -> CInt {
  unsafe target = chosen
  var (count, arguments) = unsafe (count, arguments)
  return unsafe runFuzzer(&count, &arguments) { bytes, count in
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if let objection = unsafe target.run(input) { fatalError(objection) }
    return 0
  }
}

private func usage() -> CInt {
  FileHandle.standardError.write(Data("usage: minewatch-fuzz NAME [options] | --list | --seeds NAME FOLDER\n".utf8))
  return 64
}

private func write(_ seeds: [[UInt8]], to folder: String) -> CInt {
  for (index, seed) in seeds.enumerated() {
    let written = FileManager.default.createFile(atPath: "\(folder)/seed-\(index)", contents: Data(seed))
    guard written else { return 74 }
  }
  return 0
}

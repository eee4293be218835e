import ArgumentParser
import Capture
import Policy
import Store
import Watch

/// `--config` and `--store`: which store to read, and the policy beside it.
struct StoreOption: ParsableArguments {
  @Option(
    name: [.customLong("config"), .customShort("c")],
    help: ArgumentHelp(
      "The policy file, which says where the store is.", discussion: "Default: \(Minewatch.defaultPolicyPath)",
      valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Read this store instead of the policy's.", valueName: "file"))
  var store: String?

  func validate() throws {
    try Usage.checkNamed(config, "--config")
    try Usage.checkNamed(store, "--store")
  }

  /// The policy, for names and places; nil where there is none. One that is not fit to be used ends the program with 78, unless
  /// the store is given apart.
  func policy() throws -> Policy? {
    let path = config ?? Minewatch.defaultPolicyPath
    guard config != nil || !PolicyFile.isAbsent(path) else { return nil }
    do {
      return try PolicyFile.read(path)
    } catch {
      if store != nil, config == nil { return nil }
      throw Failure.exit(error)
    }
  }

  func path(_ policy: Policy?) -> String {
    store ?? (policy ?? Policy()).store.path
  }

  func open(_ policy: Policy?) throws -> StoreReader {
    do {
      return try StoreReader(path: path(policy))
    } catch {
      throw Failure.exit(error)
    }
  }
}

extension Failure {
  static func exit(_ failure: StoreFailure) -> ExitCode {
    let status: ExitStatus =
      switch failure.kind {
      case .absent: .noInput
      case .forbidden: .noPermission
      case .damaged, .foreign, .failed: .ioError
      }
    return exit(status, failure.sentence)
  }
}

/// The screen that standard output goes to.
enum Screen {
  static var isColoured: Bool { Terminal.isColoured(1) }
  /// Nil where it is no terminal: then lines may be of any length.
  static var size: TerminalSize? { TerminalSize(1) }
}

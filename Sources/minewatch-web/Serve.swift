import ArgumentParser
import Capture
import Foundation
import Policy
import Watch
import Web

/// `minewatch-web`: another program than the sensor, another user, another unit. It may listen, and may not capture.
@main
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "minewatch-web",
    abstract: "Serves what the sensor knows: a page, JSON, and figures for Prometheus.",
    discussion: """
      Reads the sensor's store and changes nothing. It knows no passwords: who reaches the socket may read. Leave it on \
      loopback or on a unix socket, and put a proxy that asks who is there before it.
        minewatch-web
        minewatch-web --listen unix:/run/minewatch-web/socket --name watch.example.com
      /metrics is for Prometheus, /healthz for whatever watches the watch, /api/v1 for programs.
      """,
    version: Version.text)

  @Option(help: ArgumentHelp("Listen there: address and port, or unix:PATH.", valueName: "address"))
  var listen = "127.0.0.1:9464"

  @Option(
    name: [.customLong("config"), .customShort("c")],
    help: ArgumentHelp(
      "The policy file, which says where the store is and what miners are called.",
      discussion: "Default: \(Self.defaultPolicyPath)", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Read this store instead of the policy's.", valueName: "file"))
  var store: String?

  @Option(
    help: ArgumentHelp(
      "Answer to this host name, too; may be repeated. Addresses and localhost are always answered.", valueName: "name")
  )
  var name: [String] = []

  private static let defaultPolicyPath = "/etc/minewatch/minewatch.yaml"

  static func main() async {
    StandardStreams.prepare()
    do {
      let command = try parse()
      try await command.run()
    } catch {
      guard exitCode(for: error) == .validationFailure, !(error is ExitCode) else { exit(withError: error) }
      StandardError.say(UsageSentence.text(message(for: error), command: "minewatch-web"), prefix: "minewatch-web: ")
      exit(withError: ExitCode.validationFailure)
    }
  }

  func validate() throws {
    guard ListenAddress(listen) != nil else {
      throw ValidationError("--listen \(listen) is neither ADDRESS:PORT nor unix:/PATH")
    }
  }

  func run() async throws {
    guard let address = ListenAddress(listen) else { throw ExitCode.validationFailure }
    let log = OperationLog(name: "minewatch-web")
    let archive: Archive
    do {
      let policy = try policy()
      archive = Archive(path: storePath(policy), policy: policy)
    } catch {
      for problem in error.problems { log.say(.error, "\(problem)") }
      throw ExitCode(error.exitStatus.rawValue)
    }
    do {
      let site = WebSite(archive, names: name)
      try await WebServer(site, at: address, log: log) { read(into: archive, log) }.run()
    } catch {
      log.say(.error, "cannot listen on \(listen): \(error); give another place with --listen")
      throw ExitCode(ExitStatus.unavailable.rawValue)
    }
  }

  /// Nil where there is none. One that is not fit to be used is no reason not to serve when the store is given apart.
  private func policy() throws(PolicyErrors) -> Policy? {
    let path = config ?? Self.defaultPolicyPath
    guard config != nil || !PolicyFile.isAbsent(path) else { return nil }
    do {
      return try PolicyFile.read(path)
    } catch {
      if store != nil, config == nil { return nil }
      throw error
    }
  }

  private func storePath(_ policy: Policy?) -> String {
    store ?? (policy ?? Policy()).store.path
  }

  /// Reads the policy again. A bad one is refused, and the old one stands.
  private func read(into archive: Archive, _ log: OperationLog) {
    let notifier = ServiceNotifier()
    notifier.reloading()
    do {
      let policy = try policy()
      archive.use(path: storePath(policy), policy: policy)
      log.say(.notice, "policy read again")
      notifier.ready("policy read again")
    } catch {
      for problem in error.problems { log.say(.error, "\(problem)") }
      log.say(.error, "the new policy is refused; the old one stands")
      notifier.ready("new policy refused; the old one stands")
    }
  }
}

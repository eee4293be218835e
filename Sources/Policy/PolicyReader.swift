package import Capture

/// Reads a policy file and the files that it names, and tells all that is wrong with them at once.
///
/// One extension a group of the file. Every reading function notes what is wrong and goes on, so that a person mends a
/// file in one round.
package struct PolicyReader {
  /// The file that is being read, as problems name it.
  var file: String
  let rules: RuleCatalogue
  /// What "expired" is measured against; nil to not ask.
  let now: Timestamp?
  var policy = Policy()
  var problems = ProblemList(limit: Limits.policyProblems)
  var fingerprint = Fingerprint()
  /// The files that are to be written, for ``refuseSharedFiles()``.
  var outputs: [(path: String, setting: Setting)] = []
  /// Places of keys that stand twice: told already, and not read.
  var repeated: Set<FilePosition> = []

  /// - Parameters:
  ///   - path: the policy file. Paths in it are relative to its folder.
  ///   - builtIn: where the data is that ships with the program.
  ///   - now: the present time, to warn of exemptions that have expired; nil to not look.
  /// - Throws: ``PolicyErrors`` with every error found.
  package static func read(
    path: String, rules: RuleCatalogue, builtIn: BuiltInData, now: Timestamp? = nil
  ) throws(PolicyErrors) -> Policy {
    let bytes: [UInt8]
    do {
      bytes = try TextFile.bytes(of: path, limit: Limits.policyFile)
    } catch {
      throw PolicyErrors(
        problems: [PolicyProblem(file: path, position: nil, message: error.why)],
        meansNoPermission: TextFile.obstacle(to: path)?.meansNoPermission ?? false)
    }
    do {
      let text = try TextFile.text(bytes)
      return try read(text: text, file: path, rules: rules, builtIn: builtIn, now: now)
    } catch let error as TextFile.NotUTF8 {
      throw PolicyErrors(problems: [PolicyProblem(file: path, position: error.position, message: error.message)])
    } catch let error as PolicyErrors {
      throw error
    } catch {
      throw PolicyErrors(problems: [PolicyProblem(file: path, position: nil, message: "cannot be read")])
    }
  }

  /// Like ``read(path:rules:builtIn:now:)`` for text that is at hand.
  ///
  /// - Parameter file: the path that problems name, and whose folder paths are relative to.
  package static func read(
    text: String, file: String, rules: RuleCatalogue, builtIn: BuiltInData, now: Timestamp? = nil
  ) throws(PolicyErrors) -> Policy {
    var reader = PolicyReader(file: file, rules: rules, now: now)
    reader.fingerprint.add(path: file, Array(text.utf8))
    do {
      let document = try Document(parsing: text)
      reader.readRoot(document)
    } catch {
      reader.problems.error(error.message, in: file, at: error.position)
    }
    reader.read(builtIn)
    let errors = reader.problems.sortedErrors(mainFile: file)
    guard errors.isEmpty else { throw PolicyErrors(problems: errors) }
    reader.policy.warnings = reader.problems.sortedWarnings(mainFile: file)
    reader.policy.digest = reader.fingerprint.description
    return reader.policy
  }

  /// ``Policy/withoutFile`` with the data that ships with the program. A broken file is passed over.
  package static func withoutFile(rules: RuleCatalogue, builtIn: BuiltInData) -> Policy {
    var reader = PolicyReader(file: "", rules: rules, now: nil)
    reader.policy = .withoutFile
    reader.read(builtIn)
    return reader.policy
  }

  private mutating func read(_ builtIn: BuiltInData) {
    if let missing = builtIn.missing { problems.warning(missing, in: file, at: nil) }
    readBuiltInIndicators(builtIn.indicators)
    readBuiltInCommands(builtIn.commands)
    readPublicPools(builtIn.pools)
    readModels(builtIn.models)
    readPublicResolvers(builtIn.resolvers)
  }

  private init(file: String, rules: RuleCatalogue, now: Timestamp?) {
    self.file = file
    self.rules = rules
    self.now = now
  }

  private mutating func readRoot(_ document: Document) {
    note(repeatedKeysOf: document)
    let root = Setting(path: "", node: document.root)
    guard let group = group(root, PolicyKey.Root.self) else { return }
    if let site = value(group[.site], SettingText.line) { policy.site = site }
    if let capture = group[.capture] { readCapture(capture) }
    readMiners(group[.miners], at: root)
    readPools(group[.pools], at: root)
    readServices(group[.services], at: root)
    exceptServers()
    if let detection = group[.detection] { readDetection(detection) }
    readAlerts(group[.alerts])
    if let store = group[.store] { readStore(store) }
    refuseSharedFiles()
  }
}

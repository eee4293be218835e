import Capture

extension PolicyReader {
  mutating func readAlerts(_ setting: Setting?) {
    if let setting { readAlertSettings(setting) }
    let alerts = policy.alerts
    // A daemon that tells nobody is of no use: without any sink, the log is where people look for it.
    if alerts.log == nil, alerts.eve == nil, alerts.syslog == nil {
      policy.alerts.log = Policy.FileSink(path: "/var/log/minewatch/alerts.log")
    }
  }

  private mutating func readAlertSettings(_ setting: Setting) {
    guard let group = group(setting, PolicyKey.Alerts.self) else { return }
    let fold = value(group[.repeat]) { (text) throws(WrongValue) in
      let time = try SettingText.duration(text)
      // A day with thousands of miners fills the table of open findings.
      guard time <= .seconds(86_400) else { throw WrongValue("\(text.quoted) is longer than a day") }
      return time
    }
    if let fold { policy.alerts.fold = fold }
    if let log = group[.log] { readLog(log) }
    if let eve = group[.eve] { readEVE(eve) }
    if let syslog = group[.syslog] { readSyslog(syslog) }
    if let evidence = group[.evidence] { readEvidence(evidence) }
  }

  private mutating func readLog(_ setting: Setting) {
    guard let group = group(setting, PolicyKey.Log.self) else { return }
    let path = output(required(.path, of: group, "say which file"))
    policy.alerts.log = path.map(Policy.FileSink.init(path:))
  }

  private mutating func readEVE(_ setting: Setting) {
    guard let group = group(setting, PolicyKey.EVE.self) else { return }
    let path = output(required(.path, of: group, "say which file"))
    let types = values(group[.types]) { (text) throws(WrongValue) in
      try SettingText.word(text, Policy.EventType.self)
    }
    if let place = group[.types], types != nil {
      if case .list(let nodes) = place.node.content, nodes.isEmpty { error("the list is empty", at: place) }
    }
    if let path { policy.alerts.eve = Policy.EVESink(path: path, types: types.map(Set.init) ?? [.alert, .stats]) }
  }

  private mutating func readSyslog(_ setting: Setting) {
    guard let group = group(setting, PolicyKey.Syslog.self) else { return }
    let format =
      value(group[.format]) { (text) throws(WrongValue) in
        try SettingText.word(text, Policy.SyslogFormat.self)
      } ?? .rfc3164
    let socket = value(group[.socket], SettingText.absolutePath)
    let facility = value(group[.facility]) { (text) throws(WrongValue) in
      guard let facility = Policy.SyslogFacility.named(text) else {
        let names = Policy.SyslogFacility.allCases.map { "\($0)" }
        throw WrongValue("unknown value \(text.quoted)\(Nearest.hint(for: text, in: names))")
      }
      return facility
    }
    policy.alerts.syslog = Policy.SyslogSink(
      socket: socket ?? (format == .journal ? "/run/systemd/journal/socket" : "/dev/log"), format: format,
      facility: facility ?? .daemon)
  }

  private mutating func readEvidence(_ setting: Setting) {
    guard let group = group(setting, PolicyKey.Evidence.self) else { return }
    let path = value(required(.path, of: group, "say which folder"), SettingText.absolutePath)
    let packets = value(group[.packets]) { (text) throws(WrongValue) in try SettingText.count(text, in: 1...65_536) }
    let keep = value(group[.keep], SettingText.byteCount)
    guard let path else { return }
    var evidence = Policy.EvidenceSink(path: path)
    if let packets { evidence.packets = packets }
    if let keep { evidence.keep = keep }
    policy.alerts.evidence = evidence
  }

  /// The path of a file that is to be written.
  private mutating func output(_ setting: Setting?) -> String? {
    guard let setting, let path = value(setting, SettingText.absolutePath) else { return nil }
    outputs.append((path, setting))
    return path
  }

  /// Each would write into the other's lines, or over its pages.
  mutating func refuseSharedFiles() {
    for (index, output) in outputs.enumerated() {
      let first = outputs[..<index].first { TextFile.isSameFile($0.path, output.path) }
      guard let first else { continue }
      error("the same file as \(first.setting.path); give each a file of its own", at: output.setting)
    }
  }

  mutating func readStore(_ setting: Setting) {
    guard let group = group(setting, PolicyKey.Store.self) else { return }
    if let path = output(group[.path]) { policy.store.path = path }
    if let keep = value(group[.keep], SettingText.duration) { policy.store.keep = keep }
  }
}

extension Policy.SyslogFacility {
  /// The keyword of syslog.conf: `daemon`, `local0`.
  fileprivate static func named(_ text: String) -> Policy.SyslogFacility? {
    allCases.first { "\($0)" == text }
  }
}

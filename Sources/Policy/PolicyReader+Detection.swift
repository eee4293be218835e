import Capture
import Decode

extension PolicyReader {
  mutating func readDetection(_ setting: Setting) {
    guard let group = group(setting, PolicyKey.Detection.self) else { return }
    if let rules = group[.rules] { readOverrides(rules) }
    if let planned = group[.planned], let items = list(planned) {
      for item in items { readPlanned(item) }
    }
    for item in group[.suppress].flatMap({ list($0) }) ?? [] { readSuppression(item) }
    if let indicators = group[.indicators] { readIndicators(indicators) }
    if let commands = group[.commands] { readCommands(commands) }
  }

  private mutating func readOverrides(_ setting: Setting) {
    for (name, position, entry) in entries(of: setting, "rules by name") ?? [] {
      guard let rule = rules.entry(named: name) else {
        let message = "\(setting.path): unknown rule \(name.quoted)\(ruleHint(name))"
        problems.error(message, in: file, at: position)
        continue
      }
      if let override = readOverride(entry, of: rule) { policy.detection.overrides[name] = override }
    }
  }

  private mutating func readOverride(_ setting: Setting, of rule: RuleCatalogue.Entry) -> Policy.RuleOverride? {
    var override = Policy.RuleOverride()
    if case .text(let text, _) = setting.node.content {
      // YAML 1.1 reads `off`, `no` and `false` as one; so do we.
      switch text {
      case "off", "no", "false": override.isOff = true
      case "on", "yes", "true": break
      default:
        error(
          "expected off or a group of keys, found \(setting.kind)\(Nearest.hint(for: text, in: ["off"]))", at: setting)
        return nil
      }
      return override
    }
    let known = ["level"] + rule.parameters.map(\.name)
    for (name, position, entry) in entries(of: setting, "off or a group of keys") ?? [] {
      if name == "level" {
        override.level = readLevel(entry)
      } else if let parameter = rule.parameters.first(where: { $0.name == name }) {
        override.parameters[name] = readParameter(entry, parameter.kind)
      } else {
        let message = "\(setting.path): unknown key \(name.quoted)\(Nearest.hint(for: name, in: known))"
        problems.error(message, in: file, at: position)
      }
    }
    return override
  }

  private mutating func readLevel(_ setting: Setting) -> String? {
    guard let level = text(setting) else { return nil }
    guard rules.levels.contains(level) else {
      let hint = level == "off" ? " (write the rule's name with : off)" : Nearest.hint(for: level, in: rules.levels)
      error("unknown level \(level.quoted)\(hint)", at: setting)
      return nil
    }
    return level
  }

  private mutating func readParameter(
    _ setting: Setting, _ kind: RuleCatalogue.ParameterKind
  ) -> Policy.ParameterValue? {
    switch kind {
    case .duration: value(setting, SettingText.duration).map(Policy.ParameterValue.duration)
    case .fraction: value(setting, SettingText.fraction).map(Policy.ParameterValue.fraction)
    case .count: value(setting) { (text) throws(WrongValue) in .count(try SettingText.count(text)) }
    }
  }

  private func ruleHint(_ name: String) -> String {
    if let near = Nearest.word(to: name, in: rules.entries.map(\.name)) { return " (did you mean \"\(near)\"?)" }
    return " (`minewatch rules` lists them)"
  }

  private mutating func readPlanned(_ setting: Setting) {
    guard let group = group(setting, PolicyKey.Planned.self) else { return }
    let name = value(required(.name, of: group, "say what is planned"), SettingText.line)
    let from = value(required(.from, of: group, "say when it begins")) { (text) throws(WrongValue) in
      try SettingText.time(text, dateMeans: .start)
    }
    let to = value(required(.to, of: group, "say when it ends")) { (text) throws(WrongValue) in
      try SettingText.time(text, dateMeans: .end)
    }
    let miners = prefixOrList(group[.miners]) ?? PrefixSet()
    guard let name, let from, let to else { return }
    guard from < to else {
      error("ends before it begins", at: group[.to] ?? setting)
      return
    }
    policy.detection.planned.append(Policy.PlannedWindow(name: name, from: from, to: to, miners: miners))
  }

  private mutating func readSuppression(_ setting: Setting) {
    guard let group = group(setting, PolicyKey.Suppression.self) else { return }
    let rule = value(group[.rule]) { (text) throws(WrongValue) in text }
    if let rule, let place = group[.rule], rules.entry(named: rule) == nil {
      error("unknown rule \(rule.quoted)\(ruleHint(rule))", at: place)
    }
    let miner = prefixOrList(group[.miner])
    let destination = hostOrList(group[.destination])
    let until = value(group[.until]) { (text) throws(WrongValue) in try SettingText.time(text, dateMeans: .end) }
    let reason = value(required(.reason, of: group, "say why, for whoever reads this in a year"), SettingText.line)
    if group[.rule] == nil, group[.miner] == nil, group[.destination] == nil {
      error("has no rule, miner or destination: it would hide everything", at: setting)
    }
    if let until, let now, until <= now { warn("has expired", at: group[.until] ?? setting) }
    policy.detection.suppressions.append(
      Policy.Suppression(rule: rule, miner: miner, destination: destination, until: until, reason: reason ?? ""))
  }
}

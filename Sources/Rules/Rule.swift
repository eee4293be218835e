package import Protocols

/// A thing that Minewatch speaks up about: everything that an analyst asks at 03:00, beside the logic that decides it.
///
/// A rule is one `static let` in the file of its family (`Rules+Names.swift`) and one line in ``RuleBook/rules``. Its logic
/// sees observations in time order and what the site is known to be, never bytes; it returns what it has to say and does
/// nothing else. Levels, folding and suppression are not its business: see ``AlertBook``.
package struct Rule: Sendable {
  /// How a finding names its rule.
  package struct Reference: Hashable, Sendable {
    /// EVE's `signature_id` under generator 3333. Never changes meaning, never reused.
    package let id: Int
    /// Stable name, as policy files and reports say it: "pool.unlisted".
    package let name: String
    /// EVE's `signature`: one line that tells what happened.
    package let title: String
    /// EVE's `category`.
    package let category: String
    package let techniques: [Technique]
    /// EVE's `rev`: rises when the logic changes.
    package let revision: Int

    package init(
      id: Int, name: String, title: String, category: String, techniques: [Technique] = [], revision: Int = 1
    ) {
      self.id = id
      self.name = name
      self.title = title
      self.category = category
      self.techniques = techniques
      self.revision = revision
    }
  }

  /// Says whether an observation is worth a finding, and what to tell.
  package typealias Judge = @Sendable (Observation, inout Analysis) -> Judgement?
  /// Says what the passing of time has decided: for rules that wait to see what happens next.
  package typealias Settle = @Sendable (inout Analysis) -> [Judgement]

  package let reference: Reference
  /// How much its findings matter, unless a judgement or the policy says otherwise.
  package let level: Level
  /// What it sees, and why that matters.
  package let rationale: String
  /// What to do now.
  package let advice: String
  /// What else can cause it.
  package let falsePositives: [String]
  package let parameters: [Parameter]
  /// The observations that it wants to see; none where passing time alone decides.
  package let hears: Hearing
  /// Called for every observation that it hears.
  package let judge: Judge
  /// Called whenever time has passed, after all that happened before.
  package let settle: Settle?

  package var name: String { reference.name }

  package init(
    id: Int, name: String, level: Level, title: String, category: String, revision: Int = 1, rationale: String,
    advice: String, falsePositives: [String], techniques: [Technique], parameters: [Parameter] = [],
    hears: Hearing, settle: Settle? = nil, judge: @escaping Judge
  ) {
    reference = Reference(
      id: id, name: name, title: title, category: category, techniques: techniques, revision: revision)
    self.level = level
    self.rationale = rationale
    self.advice = advice
    self.falsePositives = falsePositives
    self.parameters = parameters
    self.hears = hears
    self.settle = settle
    self.judge = judge
  }

  /// A threshold that a policy can set under `detection.rules`.
  package struct Parameter: Sendable {
    package let name: String
    package let value: Value
    package let summary: String

    package init(_ name: String, _ value: Value, _ summary: String) {
      self.name = name
      self.value = value
      self.summary = summary
    }

    package enum Value: Equatable, Sendable {
      case duration(Duration)
      /// 0...1.
      case fraction(Double)
      case count(Int)
    }
  }
}

/// Kinds of observations, so that one visits only the rules that want it.
package struct Hearing: OptionSet, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// It is known what a flow carries.
  package static let identified = Hearing(rawValue: 1 << 0)
  /// What stands out in a mining session: redirects, messages, oddities, its dialect.
  package static let mining = Hearing(rawValue: 1 << 1)
  package static let questions = Hearing(rawValue: 1 << 2)
  package static let ntp = Hearing(rawValue: 1 << 3)
  package static let conflicts = Hearing(rawValue: 1 << 4)
  /// What the monitor says of itself.
  package static let sensor = Hearing(rawValue: 1 << 5)
  /// Sums of shares: by far the most frequent, and of interest to few.
  package static let shares = Hearing(rawValue: 1 << 6)

  /// A protocol that carries another: CONNECT, SOCKS, WebSocket.
  package static let wrappers = Hearing(rawValue: 1 << 7)
  /// What SSH, telnet and other ways in say of themselves.
  package static let shells = Hearing(rawValue: 1 << 8)
  /// What TLS and QUIC sessions show in the clear.
  package static let tls = Hearing(rawValue: 1 << 9)
  /// ARP, neighbour discovery, router advertisements, redirects and DHCP.
  package static let links = Hearing(rawValue: 1 << 10)
  /// Names asked and answered on the link.
  package static let localNames = Hearing(rawValue: 1 << 11)
  /// Identifiers of machines in what they send.
  package static let identifiers = Hearing(rawValue: 1 << 12)
  /// Commands to a miner's management, what became of them, and what came with them.
  package static let commands = Hearing(rawValue: 1 << 14)
  /// Requests and responses of HTTP.
  package static let http = Hearing(rawValue: 1 << 16)
  /// Who mines is known: a session has begun.
  package static let introductions = Hearing(rawValue: 1 << 17)
  /// For whom a session mines, whether it is refused or not.
  package static let users = Hearing(rawValue: 1 << 18)
  /// What a session is given to work on.
  package static let jobs = Hearing(rawValue: 1 << 19)
  /// Whatever decides that the policy does not explain where a flow leads: see ``Verdict/isComplaint``. Most flows are
  /// explained, so rules about destinations need not look at each.
  package static let complaints = Hearing(rawValue: 1 << 20)
  /// A flow is over that was identified, and one that never was.
  package static let ended = Hearing(rawValue: 1 << 21)
  package static let unidentified = Hearing(rawValue: 1 << 22)
  /// What resolvers answer.
  package static let answers = Hearing(rawValue: 1 << 23)
  /// How hard a session's work is.
  package static let difficulties = Hearing(rawValue: 1 << 24)

  /// The first that is told of a flow, and the last.
  package static let openings: Hearing = [.identified, .unidentified]
  package static let endings: Hearing = [.unidentified, .ended]
  package static let flows: Hearing = [.openings, .endings]
  package static let dns: Hearing = [.questions, .answers]
  package static let work: Hearing = [.jobs, .difficulties]

  /// What is said in mining sessions, but for their shares.
  package static let stratum: Hearing = [.mining, .introductions, .users, .work]
  /// Observations at which flows are judged.
  static let judged: Hearing = [.flows, .introductions, .http, .tls, .wrappers]

  /// How many kinds there can be.
  static let kinds = RawValue.bitWidth

  /// The place of a single kind among all.
  var place: Int { rawValue.trailingZeroBitCount }
}

extension Observation {
  /// The one kind that this observation is.
  var hearing: Hearing {
    switch content {
    case .flowIdentified: .identified
    case .flowEnded(_, identified: nil): .unidentified
    case .flowEnded: .ended
    case .stratum(let event):
      switch event.what {
      case .shares: .shares
      case .introduced: .introductions
      case .user, .userRefused: .users
      case .work: .jobs
      case .difficulty: .difficulties
      default: .mining
      }
    case .dns(let message): message.isResponse ? .answers : .questions
    case .ntp: .ntp
    case .streamConflict: .conflicts
    case .wrapped: .wrappers
    case .ssh: .shells
    case .tls: .tls
    case .arp, .neighbour, .routerAdvertisement, .redirect, .dhcp: .links
    case .localNames: .localNames
    case .request, .requestAnswered, .requestUploaded: .commands
    case .http: .http
    case .identifier: .identifiers
    case .sensor: .sensor
    }
  }
}

import Capture
import Decode
import GRDB
import Policy
import Protocols
import Rules

/// Records as rows.
enum StoreRows {
  static func write(_ record: StoreRecord, to database: Database) throws {
    switch record {
    case .alert(let alert): try write(alert, to: database)
    case .memory(let memory): try write(memory, to: database)
    case .minute(let minute): try write(minute, to: database)
    case .heartbeat(let beat): try write(beat, to: database)
    }
  }

  private static func write(_ alert: StoredAlert, to database: Database) throws {
    let insert = try database.cachedStatement(
      sql: """
        INSERT INTO alerts (time, severity, rule, ruleID, miner, mac, name, summary, eve)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try insert.execute(arguments: [
      alert.time.nanoseconds, alert.level.severity, alert.rule, alert.ruleID, alert.miner?.description,
      alert.mac.stored, alert.name, alert.summary, alert.eve,
    ])
  }

  private static func write(_ memory: SiteMemory, to database: Database) throws {
    let bind = try database.cachedStatement(
      sql: """
        INSERT INTO bindings (name, address, learned) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET learned = max(learned, excluded.learned)
        """)
    for binding in memory.bindings {
      try bind.execute(arguments: [binding.name, binding.address.description, binding.learned.nanoseconds])
    }
    let see = try database.cachedStatement(
      sql: """
        INSERT INTO miners (address, mac, name, agent, model, firstSeen, lastSeen) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET mac = ifnull(excluded.mac, mac), name = excluded.name,
          agent = ifnull(excluded.agent, agent), model = excluded.model,
          firstSeen = min(firstSeen, excluded.firstSeen), lastSeen = max(lastSeen, excluded.lastSeen)
        """)
    for miner in memory.miners {
      try see.execute(arguments: [
        miner.address.description, miner.mac.stored, miner.name, miner.agent, miner.model,
        miner.firstSeen.nanoseconds, miner.lastSeen.nanoseconds,
      ])
    }
    for habit in memory.habits { try write(habit, to: database) }
    for known in memory.traffic { try write(known, to: database) }
  }

  private static func write(_ habit: LearnedHabit, to database: Database) throws {
    let insert = try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO habits
          (address, pace, paceVariance, minutes, spread, level, levelVariance, quarters, unit, weight, learned)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try insert.execute(arguments: [
      habit.address.description, habit.pace.mean, habit.pace.variance, habit.pace.count, habit.spread, habit.level.mean,
      habit.level.variance, habit.level.count, habit.unit, habit.weight, habit.learned.nanoseconds,
    ])
  }

  private static func write(_ known: SiteMemory.KnownTraffic, to database: Database) throws {
    let insert = try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO traffic (address, learned, \(Traffic.Habit.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    let habit = known.habit
    try insert.execute(arguments: [
      known.address.description, known.learned.nanoseconds, habit.hours, habit.sessions, habit.reconnects,
      habit.nameQueries, habit.timeQueries, habit.sent, habit.received, habit.unexplained,
    ])
  }

  private static func write(_ minute: MinuteAccount, to database: Database) throws {
    let worker = try database.cachedStatement(
      sql: """
        INSERT INTO workers (address, user, account, pool, server, lastMinute) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (address, user) DO UPDATE SET pool = excluded.pool, server = excluded.server,
          lastMinute = excluded.lastMinute
        RETURNING id
        """)
    let insert = try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO minutes (time, worker, seconds, accepted, unknown, rejected, difficulty, squares)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """)
    let end = minute.time.seconds
    for line in minute.workers {
      let user = line.user ?? ""
      let id = try Int64.fetchOne(
        worker,
        arguments: [
          line.miner.address.description, user, Hashrates.account(of: user), line.pool, hostAndPort(line.server), end,
        ])
      try insert.execute(arguments: [end, id, line.seconds] + line.work.stored)
    }
    try write(minute.site, as: "site", end, minute.seconds, to: database)
    for pool in minute.pools { try write(pool, as: "pool", end, minute.seconds, to: database) }
    for account in minute.accounts { try write(account, as: "account", end, minute.seconds, to: database) }
  }

  private static func write(
    _ group: MinuteAccount.GroupLine, as kind: String, _ end: Int64, _ seconds: Double, to database: Database
  ) throws {
    let insert = try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO totals
          (time, kind, name, workers, unreadable, seconds, accepted, unknown, rejected, difficulty, squares)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try insert.execute(
      arguments: [end, kind, group.name, group.workers, group.unreadable, seconds] + group.work.stored)
  }

  private static func write(_ beat: Heartbeat, to database: Database) throws {
    let insert = try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO heartbeats (time, started, ended, site, version, policy, packets, bytes, dropped, missed,
          findings, miners, sessions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try insert.execute(arguments: [
      beat.time.nanoseconds, beat.started.nanoseconds, beat.hasEnded, beat.site, beat.version, beat.policyDigest,
      Int64(clamping: beat.packets), Int64(clamping: beat.bytes), Int64(clamping: beat.dropped),
      Int64(clamping: beat.missedBytes), Int64(clamping: beat.findings), beat.miners, beat.sessions,
    ])
    let state = try database.cachedStatement(
      sql: """
        INSERT INTO interfaces (name, isUp, changed) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET isUp = excluded.isUp, changed = excluded.changed WHERE isUp != excluded.isUp
        """)
    for interface in beat.interfaces {
      try state.execute(arguments: [interface.name, interface.isUp, beat.time.nanoseconds])
    }
  }
}

extension MACAddress {
  /// Nil where there is none.
  var stored: String? { self == .none ? nil : description }
}

extension ShareWork {
  /// accepted, unknown, rejected, difficulty, squares. SQLite has no infinity in its own numbers, and needs none here.
  fileprivate var stored: StatementArguments {
    [accepted, unknown, rejected, min(difficulty, .greatestFiniteMagnitude), min(squares, .greatestFiniteMagnitude)]
  }
}

import GRDB

/// The tables, and how an older file becomes a newer one. A migration that was ever shipped does not change.
///
/// Times of events are nanoseconds of packet time since the epoch; those of minutes and hours are seconds, at their end.
enum StoreSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in try database.execute(sql: first) }
    migrator.registerMigration("habits") { database in try database.execute(sql: habits) }
    migrator.registerMigration("traffic") { database in try database.execute(sql: traffic) }
    migrator.registerMigration("mark") { database in
      try database.execute(sql: "PRAGMA application_id = \(StoreOwner.mark)")
    }
    return migrator
  }

  /// How each miner works: see MinerHabit. learned is nanoseconds of packet time.
  private static let habits = """
    CREATE TABLE habits (
      address TEXT NOT NULL PRIMARY KEY, pace REAL NOT NULL, paceVariance REAL NOT NULL, minutes INTEGER NOT NULL,
      spread REAL NOT NULL, level REAL NOT NULL, levelVariance REAL NOT NULL, quarters INTEGER NOT NULL,
      unit REAL NOT NULL, weight REAL NOT NULL, learned INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX habitsByLearned ON habits (learned);
    """

  /// What a miner usually does in an hour: means, and how many hours they were learned from.
  private static let traffic = """
    CREATE TABLE traffic (
      address TEXT NOT NULL PRIMARY KEY, learned INTEGER NOT NULL, hours REAL NOT NULL, sessions REAL NOT NULL,
      reconnects REAL NOT NULL, nameQueries REAL NOT NULL, timeQueries REAL NOT NULL, sent REAL NOT NULL,
      received REAL NOT NULL, unexplained REAL NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX trafficByLearned ON traffic (learned);
    """

  private static let first = """
    CREATE TABLE miners (
      address TEXT NOT NULL PRIMARY KEY, mac TEXT, name TEXT, agent TEXT, model TEXT,
      firstSeen INTEGER NOT NULL, lastSeen INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX minersByLastSeen ON miners (lastSeen);

    CREATE TABLE bindings (
      name TEXT NOT NULL, address TEXT NOT NULL, learned INTEGER NOT NULL, PRIMARY KEY (name, address)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX bindingsByLearned ON bindings (learned);

    -- A miner under one user name ('' when unknown), and where its latest share went.
    CREATE TABLE workers (
      id INTEGER PRIMARY KEY, address TEXT NOT NULL, user TEXT NOT NULL, account TEXT NOT NULL, pool TEXT,
      server TEXT NOT NULL, lastMinute INTEGER NOT NULL, UNIQUE (address, user)
    ) STRICT;

    -- seconds is the time watched. A minute with shares of unknown difficulty tells no rate; an hour sums up those that do.
    CREATE TABLE minutes (
      time INTEGER NOT NULL, worker INTEGER NOT NULL, seconds REAL NOT NULL, accepted INTEGER NOT NULL,
      unknown INTEGER NOT NULL, rejected INTEGER NOT NULL, difficulty REAL NOT NULL, squares REAL NOT NULL,
      PRIMARY KEY (time, worker)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE hours (
      time INTEGER NOT NULL, worker INTEGER NOT NULL, seconds REAL NOT NULL, accepted INTEGER NOT NULL,
      unknown INTEGER NOT NULL, rejected INTEGER NOT NULL, difficulty REAL NOT NULL, squares REAL NOT NULL,
      PRIMARY KEY (time, worker)
    ) STRICT, WITHOUT ROWID;

    -- Minute by minute; kind is site, pool or account.
    CREATE TABLE totals (
      time INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, workers INTEGER NOT NULL,
      unreadable INTEGER NOT NULL, seconds REAL NOT NULL, accepted INTEGER NOT NULL, unknown INTEGER NOT NULL, rejected INTEGER NOT NULL, difficulty REAL NOT NULL,
      squares REAL NOT NULL, PRIMARY KEY (time, kind, name)
    ) STRICT, WITHOUT ROWID;

    -- eve is the whole alert as JSON; the other columns are what is searched and shown.
    CREATE TABLE alerts (
      id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, severity INTEGER NOT NULL, rule TEXT NOT NULL,
      ruleID INTEGER NOT NULL, miner TEXT, mac TEXT, name TEXT, summary TEXT NOT NULL, eve TEXT NOT NULL
    ) STRICT;
    CREATE INDEX alertsByTime ON alerts (time);

    -- Once a minute, and at the end with ended = 1. Counts are since the start.
    CREATE TABLE heartbeats (
      time INTEGER NOT NULL PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER NOT NULL, site TEXT NOT NULL,
      version TEXT NOT NULL, policy TEXT NOT NULL, packets INTEGER NOT NULL, bytes INTEGER NOT NULL,
      dropped INTEGER NOT NULL, missed INTEGER NOT NULL, findings INTEGER NOT NULL, miners INTEGER NOT NULL,
      sessions INTEGER NOT NULL
    ) STRICT;

    -- What was last said of each.
    CREATE TABLE interfaces (
      name TEXT NOT NULL PRIMARY KEY, isUp INTEGER NOT NULL, changed INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}

extension Limits {
  /// The bounds that add up to the sensor's memory, and those that an operator may meet, for `minewatch check`.
  ///
  /// Memory is for the fullest table, rounded up; one that is not used is not resident.
  package static let all: [Limit] = [
    Limit(
      "flows", flows, "flows", bytesEach: 900, whenReached: "the flow worth least is ended early, which is counted"),
    Limit(
      "ended flows", endedFlows, "flows", bytesEach: 900, isPerWorker: true,
      whenReached: "a new packet's flow is not followed"),
    Limit("held bytes", heldBytes, "bytes", bytesEach: 1, whenReached: "the stream goes on with a gap"),
    Limit("unfinished messages", unfinishedBytes, "bytes", bytesEach: 1, whenReached: "a further one is given up"),
    Limit(
      "messages too long to be read", unfinishedMessage, "bytes",
      whenReached: "the stream is not read any further"),
    Limit(
      "recent bytes", recentBytes, "bytes", bytesEach: 1, isPerWorker: true,
      whenReached: "older retransmissions are not compared"),
    Limit(
      "recent segments", recentSegments, "segments", bytesEach: 24, isPerWorker: true,
      whenReached: "older retransmissions are not compared"),
    Limit("fragment bytes", fragmentBytes, "bytes", bytesEach: 1, whenReached: "the oldest datagram is given up"),
    Limit(
      "fragmented datagrams", fragmentedDatagrams, "datagrams", bytesEach: 1_200, whenReached: "the oldest is given up"),
    Limit(
      "fragments of one datagram", fragmentsPerDatagram, "fragments", whenReached: "the datagram is given up"),
    Limit(
      "Stratum sessions", stratumSessions, "sessions", bytesEach: 768,
      whenReached: "a new session is recognised, and not followed"),
    Limit("Stratum users", stratumUsers, "users", bytesEach: 190, whenReached: "a user may be reported more than once"),
    Limit(
      "Stratum requests", stratumRequests, "requests", bytesEach: 24,
      whenReached: "a reply is not told as accepted or refused"),
    Limit(
      "redirects told of one session", toldOfSession, "redirects",
      whenReached: "one in 10 s is told, the others are counted"),
    Limit(
      "messages told of one session", toldOfSession, "messages",
      whenReached: "one in 10 s is told, the others are counted"),
    Limit(
      "stream readers", streamReaders, "streams", bytesEach: 53_248,
      whenReached: "a new stream is recognised, and not read"),
    Limit(
      "V2 sessions", miningReaders, "sessions", bytesEach: 1_300,
      whenReached: "a new session is recognised, and not read"),
    Limit(
      "QUIC hellos", quicHellos, "connections", bytesEach: 45_000,
      whenReached: "a new connection is recognised, and its hello not read"),
    Limit("API request", apiRequest, "bytes", whenReached: "what came of it is read, and the rest skipped"),
    Limit(
      "API parameters", apiParameters, "parameters",
      whenReached: "further ones are counted; kept are those that may say where to mine"),
    Limit("Stratum line", stratumLine, "bytes", whenReached: "the line is dropped up to its end and reported"),
    Limit("JSON depth", jsonDepth, "levels", whenReached: "the message is malformed"),
    Limit("probed text", probedText, "bytes a direction", whenReached: "the flow is called unknown"),
    Limit("DNS message", dnsMessage, "bytes", whenReached: "nothing longer can be announced"),
    Limit(
      "DNS queries", dnsQueries, "queries", bytesEach: 64, isPerWorker: true,
      whenReached: "the oldest answer is not compared any more"),
    Limit(
      "unasked answers", unaskedAnswers, "answers", bytesEach: 1_000,
      whenReached: "the oldest is not believed, though its question may still come"),
    Limit(
      "link messages", linkMessagesPerSecond, "messages a second", whenReached: "further ones are counted, not observed"
    ),
    Limit(
      "link repeats", linkRepeats, "messages", bytesEach: 16, isPerWorker: true,
      whenReached: "a repeated message is observed once more"),
    Limit(
      "observations handed over", 3 * handedObservations, "observations", bytesEach: 700, isPerWorker: true,
      whenReached: "what the analyst has no time for is lost and counted"),
    Limit(
      "a minute's flows", flows, "flows", bytesEach: 320, whenReached: "what went through them is told a minute later"),
    Limit("wire text", wireText, "bytes", whenReached: "the text is cut and marked"),
    Limit("bindings", bindings, "names", bytesEach: 400, whenReached: "the binding unused for longest is forgotten"),
    Limit(
      "seen miners", seenMiners, "miners", bytesEach: 160, whenReached: "alerts of further miners lack MAC and agent"),
    Limit(
      "watched sessions", watchedSessions, "sessions", bytesEach: 320,
      whenReached: "further sessions are not summed up and not compared"
    ),
    Limit(
      "summed workers", stratumUsers, "workers", whenReached: "the work of further ones is missing from the summary"),
    Limit(
      "pools' payouts", poolsSeen, "pools", bytesEach: 45_000, whenReached: "those of further pools are not compared"),
    Limit(
      "divided work", seenMiners, "miners", whenReached: "that further miners work for two places is not noticed"),
    Limit(
      "wrapped flows", wrappedFlows, "flows", bytesEach: 400,
      whenReached: "what is inside a further one is judged as though it were not"),
    Limit(
      "seen devices", seenDevices, "devices", bytesEach: 70,
      whenReached: "further ones are neither remembered nor told"),
    Limit(
      "address owners", addressOwners, "addresses", bytesEach: 200,
      whenReached: "what nobody claimed for a while is forgotten, then new ones are not followed"),
    Limit(
      "asked domains", nameAskers * domainsPerAsker, "domains", bytesEach: 500,
      whenReached: "the domain asked for least is not counted any more"),
    Limit("time pairs", timePairs, "pairs", bytesEach: 80, whenReached: "how often others ask is not counted"),
    Limit(
      "identities", identities, "traits", bytesEach: 140, whenReached: "changes of further ones are not noticed"),
    Limit(
      "hashrates", hashrateRows, "workers", bytesEach: 440, whenReached: "the hashrate of further workers is not known"
    ),
    Limit(
      "exchanges", exchanges, "exchanges", bytesEach: 64,
      whenReached: "a fleet alarm may not name the command before it"),
    Limit("habits", habits, "miners", bytesEach: 260, whenReached: "further miners may fall silent untold"),
    Limit(
      "traffic habits", seenMiners, "miners", bytesEach: 280,
      whenReached: "what further miners do by the hour is not counted"),
    Limit(
      "compared work", seenMiners, "miners", bytesEach: 140,
      whenReached: "that further miners change pool or account is not noticed"),
    Limit(
      "strange calls", beaconPairs, "pairs", bytesEach: 420, whenReached: "calls of further pairs are not compared"),
    Limit(
      "strange destinations", newDestinationMiners, "miners", bytesEach: 120,
      whenReached: "who comes to a strange place is not counted any more"),
    Limit(
      "open findings", openFindings, "findings", bytesEach: 1_500,
      whenReached: "the oldest is written with its count and closed"),
    Limit(
      "held judgements", heldJudgements, "judgements", bytesEach: 900, whenReached: "the judgement is made at once"),
    Limit(
      "indicators", indicators, "indicators", bytesEach: 200, whenReached: "the list is refused when the policy is read"
    ),
    Limit(
      "waiting commands", waitingCommands, "commands", bytesEach: 1_500,
      whenReached: "a command is told without its answer"),
    Limit(
      "files in pieces", pieceFlows, "connections", bytesEach: 64,
      whenReached: "a file in pieces smaller than a large file is not added up"),
    Limit(
      "scan sources", scanSources, "hosts", bytesEach: 2_500, whenReached: "probes of further hosts are not counted"),
    Limit("commands", commands, "commands", bytesEach: 300, whenReached: "the vocabulary is refused when it is read"),
    Limit("evidence frames", evidenceFrames, "frames", bytesEach: 64, whenReached: "the oldest frame is forgotten"),
    Limit("evidence bytes", evidenceBytes, "bytes", bytesEach: 1, whenReached: "the oldest frame is forgotten"),
    Limit(
      "evidence waiting", evidenceWaiting, "bytes", bytesEach: 2,
      whenReached: "the oldest capture ends with the packets it has"),
    Limit(
      "evidence captures", evidenceCases, "captures", whenReached: "further alerts have no capture, which is counted"),
    Limit("evidence files", evidenceFiles, "files", whenReached: "the oldest goes"),
    Limit(
      "store queue", storeQueue, "rows", bytesEach: 500, whenReached: "the newest rows are dropped and counted"),
    Limit("store", storeBytes, "bytes of disk", whenReached: "the oldest minutes, hours and alerts go"),
    Limit("damaged stores", damagedStores, "files", whenReached: "a further one stays in its place; nothing is stored"),
    Limit(
      "sink queue", sinkQueueBytes, "bytes a sink", bytesEach: 3,
      whenReached: "the newest lines are dropped and counted"),
  ]
}

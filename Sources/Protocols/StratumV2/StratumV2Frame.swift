import Decode

/// The header of a Stratum V2 frame, six bytes (sv2-spec 03-Protocol-Overview.md §3.2). Numbers are little-endian.
///
///      0         1         2         3         4         5
///     +---------+---------+---------+---------+---------+---------+
///     | extension, top bit: | message | length of what follows     |
///     | for one channel     |  type   |                            |
///     +---------+---------+---------+---------+---------+---------+
///
/// The specification's text calls the channel bit the least significant one; its reference implementation masks 0x8000, and so
/// do we.
struct StratumV2Frame: Equatable {
  static let headerByteCount = 6
  /// The longest payload that is read, in bytes. A job with a large coinbase and 14 branches is 24 kB; the stage keeps no more.
  static let lengthLimit = (64 << 10) - headerByteCount - 1

  /// Without the channel bit: 0 is the core protocol.
  let extensionType: UInt16
  let isForChannel: Bool
  let type: UInt8
  /// Bytes of payload, as the sender claims.
  let length: Int

  /// - Parameter offset: six bytes follow from there on.
  init(_ bytes: RawSpan, at offset: Int) {
    let first = UInt16(bytes.byte(at: offset)) | UInt16(bytes.byte(at: offset &+ 1)) &<< 8
    extensionType = first & 0x7fff
    isForChannel = first & 0x8000 != 0
    type = bytes.byte(at: offset &+ 2)
    length =
      Int(bytes.byte(at: offset &+ 3)) | Int(bytes.byte(at: offset &+ 4)) &<< 8
      | Int(bytes.byte(at: offset &+ 5)) &<< 16
  }

  var message: StratumV2Message? {
    extensionType == 0 ? StratumV2Message(rawValue: type) : nil
  }
}

/// Messages of the core protocol (sv2-spec 08-Message-Types.md): mining, job declaration and template distribution share one
/// space of numbers.
enum StratumV2Message: UInt8, CaseIterable {
  case setupConnection = 0x00
  case setupConnectionSuccess
  case setupConnectionError
  case channelEndpointChanged
  case reconnect
  case openStandardChannel = 0x10
  case openStandardChannelSuccess
  case openChannelError
  case openExtendedChannel
  case openExtendedChannelSuccess
  case newMiningJob
  case updateChannel
  case updateChannelError
  case closeChannel
  case setExtranoncePrefix
  case submitSharesStandard
  case submitSharesExtended
  case submitSharesSuccess
  case submitSharesError
  case newExtendedMiningJob = 0x1f
  case setNewPrevHash
  case setTarget
  case setCustomMiningJob
  case setCustomMiningJobSuccess
  case setCustomMiningJobError
  case setGroupChannel
  case allocateMiningJobToken = 0x50
  case allocateMiningJobTokenSuccess
  case provideMissingTransactions = 0x55
  case provideMissingTransactionsSuccess
  case declareMiningJob
  case declareMiningJobSuccess
  case declareMiningJobError
  case pushSolution = 0x60
  case coinbaseOutputConstraints = 0x70
  case newTemplate
  case templateSetNewPrevHash
  case requestTransactionData
  case requestTransactionDataSuccess
  case requestTransactionDataError
  case submitSolution

  /// Who says it.
  var speaker: Role? {
    switch self {
    case .setupConnection, .openStandardChannel, .openExtendedChannel, .updateChannel, .submitSharesStandard,
      .submitSharesExtended, .setCustomMiningJob, .allocateMiningJobToken, .provideMissingTransactionsSuccess,
      .declareMiningJob, .pushSolution, .coinbaseOutputConstraints, .requestTransactionData, .submitSolution:
      .client
    case .closeChannel, .channelEndpointChanged: nil
    default: .server
    }
  }

  /// Bytes of the shortest payload: what stands there always, texts and lists empty (sv2-spec 03, 05, 06 and 07).
  var shortest: Int {
    switch self {
    case .setupConnection: 16
    case .setupConnectionSuccess: 6
    case .setupConnectionError: 5
    case .reconnect: 3
    case .openStandardChannel: 41
    case .openStandardChannelSuccess: 45
    case .openChannelError: 5
    case .openExtendedChannel: 43
    case .openExtendedChannelSuccess: 43
    case .newMiningJob: 45
    case .updateChannel: 40
    case .submitSharesStandard: 24
    case .submitSharesExtended: 25
    case .submitSharesSuccess: 20
    case .submitSharesError: 9
    case .newExtendedMiningJob: 19
    case .setCustomMiningJobSuccess: 12
    case .setNewPrevHash: 48
    case .setTarget: 36
    case .channelEndpointChanged, .closeChannel, .setExtranoncePrefix, .updateChannelError, .setGroupChannel: 4
    default: 0
    }
  }
}

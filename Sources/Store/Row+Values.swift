import Capture
import Decode
import GRDB

/// Values of a row, nil where the file holds something else: GRDB's own subscripts stop the program there.
extension Row {
  func text(_ index: Int) -> String? {
    let value: DatabaseValue = self[index]
    return if case .string(let text) = value.storage { text } else { nil }
  }

  func integer(_ index: Int) -> Int64? {
    let value: DatabaseValue = self[index]
    return if case .int64(let number) = value.storage { number } else { nil }
  }

  func number(_ index: Int) -> Double? {
    let value: DatabaseValue = self[index]
    return switch value.storage {
    case .double(let number): number
    case .int64(let number): Double(number)
    default: nil
    }
  }

  func count(_ index: Int) -> UInt64 { UInt64(clamping: integer(index) ?? 0) }

  func flag(_ index: Int) -> Bool { integer(index) == 1 }

  func time(_ index: Int) -> Timestamp? { integer(index).map(Timestamp.init(nanoseconds:)) }

  func address(_ index: Int) -> IPAddress? { text(index).flatMap(IPAddress.init) }

  func mac(_ index: Int) -> MACAddress { text(index).flatMap(MACAddress.init) ?? .none }
}

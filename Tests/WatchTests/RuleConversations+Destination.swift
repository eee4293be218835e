import Simulator

extension NearMiss {
  static let destinations: [NearMiss] = [
    NearMiss(of: "destination.unlisted") { $0.play($0.hello(to: Host("198.51.100.200"), port: 443)) },
    NearMiss(of: "destination.indicator") { $0.play($0.lookup("auth.minerlink.example")) },
    NearMiss(of: "destination.inbound") { $0.play($0.hello(to: $0.miner, port: 4028, from: .manager)) },
  ]
}

import Simulator

extension NearMiss {
  static let names: [NearMiss] = [
    NearMiss(of: "dns.unlisted-name") { $0.play($0.lookup("STRATUM.example-pool.com", gives: HealthySite.pool)) },
    NearMiss(of: "dns.unlisted-resolver") { $0.play($0.lookup("stratum.example-pool.com", gives: HealthySite.pool)) },
    NearMiss(of: "dns.pool-address") { $0.play($0.lookup("stratum.example-pool.com", gives: Host("203.0.113.77"))) },
    NearMiss(of: "ntp.unlisted") { stage in
      stage.play([
        FrameBytes.udp(
          from: stage.miner, port: 123, to: HealthySite.resolver, port: 123, payload: NTPBytes.packet(mode: 3))
      ])
    },
  ]
}

import Simulator

extension NearMiss {
  static let tunnels: [NearMiss] = [
    NearMiss(of: "pool.tunnelled") { $0.play($0.tls(to: .firmwareMirror, port: 443, for: "closed.example-pool.com")) },
    NearMiss(of: "destination.tunnel") { stage in
      stage.play([
        FrameBytes.udp(
          from: stage.miner, port: 40_000, to: .stranger, port: 51_820, payload: [UInt8](repeating: 1, count: 148))
      ])
    },
    NearMiss(of: "dns.encrypted") { $0.play($0.tls(to: .stranger, port: 443, for: "example.org", offering: ["h2"])) },
    NearMiss(of: "monitor.unreadable") { $0.play($0.mining()) },
  ]
}

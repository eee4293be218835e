/// What a flow carries, as its bytes tell. The raw value is what EVE's `app_proto` says.
package enum AppProtocol: String, CaseIterable, Sendable {
  /// Newline-delimited JSON-RPC of mining: Bitcoin's Stratum and its relatives; the session knows the dialect.
  case stratum
  /// Stratum V2 behind Noise, known by the shape of its handshake (stratum-mining/stratum,
  /// sv2/noise-sv2/src/lib.rs).
  case stratumV2 = "stratum-v2"
  case dns
  case ntp
  case tls
  case quic
  case http
  case http2
  /// What an upgrade turned HTTP into, as long as nobody knows what is inside.
  case webSocket = "websocket"
  /// Mining by getwork or getblocktemplate over HTTP.
  case getwork
  case ssh
  case telnet
  case mqtt
  case socks
  case stun
  case tftp
  case dtls
  case openVPN = "openvpn"
  case wireGuard = "wireguard"
  /// IKE, and ESP inside UDP; named as Suricata names the former.
  case ipsec = "ike"
  case dhcp
  case mdns
  case llmnr
  /// Management of miners over sockets: cgminer's API and its relatives, Whatsminer's, and the datagrams that find miners.
  case minerAPI = "miner-api"
  /// Bytes were exchanged, and none of the above speaks like that.
  case unknown = "failed"
  /// Nothing was said: no answer to the SYN, or a connection that stays silent.
  case silent
  /// Neither TCP nor UDP, so judged by its IP protocol alone.
  case none = "other"
}

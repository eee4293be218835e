import NIOCore

/// Closes a connection whose first request does not come in time. Half of a head, sent and left there, would else hold one of the
/// few places for as long as an idle connection may, and a hundred such would shut everybody out.
final class HeadDeadline: ChannelInboundHandler, RemovableChannelHandler {
  // What passes is not looked into: that it comes is enough.
  typealias InboundIn = Never

  private var closing: Scheduled<Void>?

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    closing = context.eventLoop.scheduleTask(in: .seconds(WebLimits.headSeconds)) {
      channel.close(mode: .all, promise: nil)
    }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    closing?.cancel()
    closing = nil
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    closing?.cancel()
    context.fireChannelInactive()
  }
}

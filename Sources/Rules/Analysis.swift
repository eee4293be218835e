/// What the rules know: placeholder until the rules land.
package struct Analysis: Sendable {}

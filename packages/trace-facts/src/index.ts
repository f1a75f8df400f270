export { adjustTree } from './adjust.ts'
export { compare, max, min } from './bigints.ts'
export { isAnsweredCall } from './call-offset.ts'
export { isAnswered, isAsynchronous, isOpenCall, isOutgoing, isUntraced } from './calls.ts'
export { type ClockPair, clockGrain, clockPairs } from './clock-pairs.ts'
export { measureClocks, type ProcessClock, type TraceClocks } from './clocks.ts'
export { arrivalWindowMs, type Completeness, completenessOf } from './completeness.ts'
export {
  type Edge,
  edgesOf,
  isDated,
  isLocal,
  isRemoteEntry,
  type SpanNode,
  spanNodes,
} from './edges.ts'
export {
  indexServices,
  type KnownService,
  type ServiceIndex,
  servicesOf,
} from './known-services.ts'
export { type CallPhase, type CallSegment, type NetworkGap, networkGap } from './network-gap.ts'
export {
  addressOf,
  databaseOf,
  isBrowser,
  methodOf,
  ms,
  normalAddress,
  pathOf,
  processOf,
  rpcOf,
  statusOf,
  text,
} from './span-facts.ts'

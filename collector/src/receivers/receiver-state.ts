import { type Authorization, bearer } from '@pingtrace/loopback'
import { type ReceiverLimits, receiverLimits } from './limits.ts'
import { DroppedSignals } from './other-signals.ts'
import { RequestLog } from './request-log.ts'
import { RequestMemory } from './request-memory.ts'
import type { ReceiverPorts } from './wrong-protocol.ts'

/** Who may send: programs and pages of this machine, unless said otherwise. */
export interface ReceiverExposure {
  /** Further addresses to listen on. */
  addresses?: readonly string[] | undefined
  /** The bearer token that each request must have. */
  token?: string | undefined
}

/** What the receivers of one collector have in common. */
export class ReceiverState {
  readonly limits: ReceiverLimits
  readonly memory: RequestMemory
  readonly dropped = new DroppedSignals()
  readonly log = new RequestLog()
  /** Addresses besides the loopback ones on which they listen. */
  readonly addresses: readonly string[]
  readonly isAuthorized: Authorization
  /** Where each listens, once it does. */
  readonly ports: ReceiverPorts = {}
  /** Answers since the start, by protocol and status: of HTTP, and of gRPC. */
  readonly answers = { http: new Map<number, number>(), grpc: new Map<number, number>() }

  /**
   * @param limits instead of the usual ones
   * @param exposure where they listen, and what senders have to show
   */
  constructor(limits: Partial<ReceiverLimits> = {}, exposure: ReceiverExposure = {}) {
    this.addresses = exposure.addresses ?? []
    this.isAuthorized = bearer(exposure.token)
    this.limits = { ...receiverLimits, ...limits }
    this.memory = new RequestMemory(this.limits.bytesInFlight)
  }

  countAnswer(protocol: 'http' | 'grpc', code: number): void {
    const counts = this.answers[protocol]
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
}

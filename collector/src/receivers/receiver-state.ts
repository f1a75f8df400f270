import { type ReceiverLimits, receiverLimits } from './limits.ts'
import { DroppedSignals } from './other-signals.ts'
import { RequestLog } from './request-log.ts'
import { RequestMemory } from './request-memory.ts'

/** What the receivers of one collector have in common. */
export class ReceiverState {
  readonly limits: ReceiverLimits
  readonly memory: RequestMemory
  readonly dropped = new DroppedSignals()
  readonly log = new RequestLog()
  /** Answers since the start, by protocol and status: of HTTP, and of gRPC. */
  readonly answers = { http: new Map<number, number>(), grpc: new Map<number, number>() }

  /** @param limits instead of the usual ones */
  constructor(limits: Partial<ReceiverLimits> = {}) {
    this.limits = { ...receiverLimits, ...limits }
    this.memory = new RequestMemory(this.limits.bytesInFlight)
  }

  countAnswer(protocol: 'http' | 'grpc', code: number): void {
    const counts = this.answers[protocol]
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
}

/** What OTLP carries besides traces. */
export type OtherSignal = 'logs' | 'metrics' | 'profiles'

/** What tells an SDK to send none; profiles have no such variable. */
const variables: Record<OtherSignal, string | undefined> = {
  logs: 'OTEL_LOGS_EXPORTER=none',
  metrics: 'OTEL_METRICS_EXPORTER=none',
  profiles: undefined,
}

/**
 * Counts the requests of signals that are not kept. They are taken and answered with full success:
 * SDKs send all signals to one endpoint unless they are told otherwise, and a refusal would write an
 * error a minute into the log of an application that does nothing wrong. That they are dropped is
 * said where whoever runs the collector looks: once in its log, and as numbers on `/healthz`.
 */
export class DroppedSignals {
  /** Requests since the start. */
  readonly requests: Record<OtherSignal, number> = { logs: 0, metrics: 0, profiles: 0 }

  count(signal: OtherSignal): void {
    if (this.requests[signal]++ > 0) return
    const variable = variables[signal]
    const hint = variable === undefined ? '' : `; ${variable} stops a sender`
    console.warn(`collector: ${signal} arrive and are dropped, only traces are kept${hint}`)
  }
}

/** What to do about a signal that is not kept. */
export function adviceAgainst(signal: OtherSignal): string {
  const variable = variables[signal]
  return variable === undefined
    ? 'Only traces are kept; nothing is wrong with it.'
    : `Only traces are kept; ${variable} stops the sender.`
}

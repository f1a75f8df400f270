import { createStore, type StoreApi } from 'zustand/vanilla'
import { readConfig } from '../config.ts'
import type { FaultId } from '../faults/faults.ts'
import { sendBroken } from '../faults/send-broken.ts'
import { answersAtAll } from '../probe.ts'
import { tracedFetch } from '../tracing/index.ts'
import { type Call, callUrl, healthUrl, type Leg } from './call.ts'
import { explainFailure } from './failure.ts'
import { type Outcome, outcomeOf } from './outcome.ts'

/** More calls than anyone reads; older ones are forgotten. */
export const maxCalls = 50

/** Between two automatic pings: the article's client sleeps as long. */
const autoPingMs = 5_000

export interface PingState {
  /** Newest first. */
  calls: Call[]
  /** The newest one. */
  current: Call | undefined
  autoPing: boolean
  leg: Leg
  /** How many letters the leg is asked for; the API wants 1 to 1024 and refuses anything else. */
  length: number
  /** What is broken on purpose. */
  fault: FaultId | undefined
  /** The newest call that was well, to compare a broken one with. */
  healthy: Call | undefined
  /** Calls the chosen leg; calls may overlap. Resolves when this one is over; never rejects. */
  ping(): Promise<void>
  /** On: calls at once, and then again and again. */
  setAutoPing(on: boolean): void
  setLeg(leg: Leg): void
  setLength(length: number): void
  setFault(fault: FaultId | undefined): void
}

export interface PingStoreOptions {
  apiUrl(): string
  /** After this long without the whole answer a call is given up. */
  timeoutMs?: number
}

export function createPingStore(options: PingStoreOptions): StoreApi<PingState> {
  const { apiUrl, timeoutMs = 10_000 } = options
  let lastId = 0
  let timer: ReturnType<typeof setInterval> | undefined

  return createStore<PingState>()((set, get) => {
    const show = (calls: Call[]) => set({ calls, current: calls[0] })

    const pingUnlessBusy = () => {
      // The next tick tries again, so that calls never pile up behind a slow API.
      if (get().calls.every(({ state }) => state !== 'running')) void call(true)
    }

    const call = async (auto: boolean, fault?: FaultId): Promise<void> => {
      const { leg, length } = get()
      const url = callUrl(apiUrl(), leg, length)
      const options = { name: 'client operation', signal: AbortSignal.timeout(timeoutMs) }
      const { response, ...traced } = fault
        ? await sendBroken(fault, apiUrl(), url, options)
        : tracedFetch(url, options)
      const outcome = outcomeOf(response)
      const begun: Call = {
        id: ++lastId,
        auto,
        url: url.href,
        state: 'running',
        ...(fault && { fault }),
        ...traced,
      }
      show([begun, ...get().calls].slice(0, maxCalls))

      const ended = { ...begun, ...(await judge(await outcome, apiUrl())) }
      if (fault === undefined && ended.state === 'done') set({ healthy: ended })
      show(get().calls.map((other) => (other.id === begun.id ? ended : other)))
    }

    return {
      calls: [],
      current: undefined,
      autoPing: false,
      leg: 'ping',
      length: 16,
      fault: undefined,
      healthy: undefined,

      ping: async () => {
        const { fault, healthy, leg } = get()
        // There must be one to compare with, and of the same leg.
        const isComparable = healthy?.url === callUrl(apiUrl(), leg, get().length).href
        if (fault !== undefined && !isComparable) await call(false)
        await call(false, fault)
      },

      setAutoPing(on) {
        set({ autoPing: on })
        clearInterval(timer)
        if (!on) return
        pingUnlessBusy()
        timer = setInterval(pingUnlessBusy, autoPingMs)
      },

      setLeg: (leg) => set({ leg }),
      setLength: (length) => set({ length }),
      setFault: (fault) => set({ fault }),
    }
  })
}

/** The store of the page; the configuration is read when the first ping needs it. */
export const pingStore = createPingStore({ apiUrl: () => readConfig(document).apiUrl })

/** What an outcome changes in its call. */
async function judge(outcome: Outcome, apiUrl: string): Promise<Partial<Call>> {
  const failure = await explainFailure(outcome, apiUrl, () => answersAtAll(healthUrl(apiUrl)))
  return {
    state: failure ? 'failed' : 'done',
    durationMs: outcome.durationMs,
    ...(outcome.kind === 'answered' && { status: outcome.status, bytes: outcome.bytes }),
    ...(failure && { failure }),
  }
}

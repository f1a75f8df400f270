import type { Context } from 'hono'
import type { Leg } from './legs/leg.ts'
import { problem } from './problem.ts'

const kinds = ['cors', 'redis', 'mongodb'] as const

export type Fault = (typeof kinds)[number]

/** A page that was closed in the middle cannot take a fault back. */
const LONGEST_MS = 30_000

/** Port 1, tcpmux, which nothing has listened on for decades. */
export const nobodyRedis = 'redis://127.0.0.1:1'
export const nobodyMongodb = 'mongodb://127.0.0.1:1'

/**
 * What is broken on purpose, for the switches of the page: the header refused in CORS, or a database
 * away. Only with PINGTRACE_FAULTS=1, and for the listed pages and programs of this machine, like the
 * rest of the API. Nothing of it is in src/tracing.
 */
export class Faults {
  #active: Fault | undefined
  #until = 0

  is(fault: Fault): boolean {
    return this.#active === fault && Date.now() < this.#until
  }

  /** `POST /pingtrace/faults`: the body names one of them, or `none`. */
  async answer(c: Context): Promise<Response> {
    const name = (await c.req.text()).trim()
    const fault = kinds.find((kind) => kind === name)
    if (fault === undefined && name !== 'none') {
      const detail = `The body must be one of ${kinds.join(', ')}, or none.`
      return problem(c, 400, 'Bad Request', detail)
    }
    this.#active = fault
    this.#until = Date.now() + LONGEST_MS
    return c.json({ fault: fault ?? 'none' })
  }

  /** The leg, which while its fault is on asks a server that is not there. */
  breakable(leg: Leg, openAway: () => Leg): Leg {
    return {
      ...leg,
      run: async (length) => {
        if (!this.is(leg.name)) return leg.run(length)
        const away = openAway()
        try {
          return await away.run(length)
        } finally {
          await away.close()
        }
      },
    }
  }
}

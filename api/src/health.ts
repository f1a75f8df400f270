import type { Leg } from './legs/leg.ts'
import { errorType } from './tracing/index.ts'

export interface BackingService {
  reachable: boolean
  /** What the server calls itself, such as "valkey 9.1.1"; absent while it is not reachable. */
  server?: string
  /** Why it is not reachable: an error code or class. */
  reason?: string
  /** Host and port, without credentials. */
  address: string
  kind: 'embedded' | 'real'
}

/** What is behind the API, at this moment; never throws. */
export async function health(
  legs: readonly Leg[],
  embedded: ReadonlySet<string>,
): Promise<Record<string, BackingService>> {
  const entries = legs.map(async (leg): Promise<[string, BackingService]> => {
    const known = {
      address: leg.address,
      kind: embedded.has(leg.name) ? ('embedded' as const) : ('real' as const),
    }
    try {
      return [leg.name, { reachable: true, server: await leg.identify(), ...known }]
    } catch (error) {
      return [leg.name, { reachable: false, reason: errorType(error), ...known }]
    }
  })
  return Object.fromEntries(await Promise.all(entries))
}

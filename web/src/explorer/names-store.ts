import { createStore, type StoreApi } from 'zustand/vanilla'
import { fetchQuery } from '../viewer/query-token.ts'

/** Operations are asked for by service; of a large system this many are enough to complete with. */
const maxServices = 20
/** Names are asked for again while somebody types or services appear, but not every time. */
const keepMs = 2_000

export interface Names {
  services: string[]
  /** Of all services, each once, in alphabetical order. */
  operations: string[]
}

export interface NamesStore extends StoreApi<Names> {
  /** Asks the collector, unless it was asked a moment ago. */
  refresh(): Promise<void>
}

/** What the collector has names for. Without them completion still knows the language. */
export function createNames(queryUrl: string): NamesStore {
  const store = createStore<Names>(() => ({ services: [], operations: [] }))
  let asked = Number.NEGATIVE_INFINITY

  async function refresh(): Promise<void> {
    if (performance.now() - asked < keepMs) return
    asked = performance.now()
    try {
      const { services } = await ask<{ services: string[] }>(`${queryUrl}/api/v3/services`)
      const answers = await Promise.all(
        services.slice(0, maxServices).map((service) => {
          const url = `${queryUrl}/api/v3/operations?service=${encodeURIComponent(service)}`
          return ask<{ operations: { name: string }[] }>(url)
        }),
      )
      const operations = answers.flatMap((answer) => answer.operations.map(({ name }) => name))
      store.setState({ services, operations: [...new Set(operations)].sort() })
    } catch {
      // The status of the stream says that the collector is away; who types on asks again.
    }
  }
  return { ...store, refresh }
}

async function ask<Answer>(url: string): Promise<Answer> {
  const response = await fetchQuery(url)
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return (await response.json()) as Answer
}

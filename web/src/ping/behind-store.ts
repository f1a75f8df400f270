import { createStore, type StoreApi } from 'zustand/vanilla'
import { readConfig } from '../config.ts'
import { healthUrl } from './call.ts'

/** A server behind the API, as the API's `/health` tells of it. */
export interface BackingService {
  kind: 'embedded' | 'real'
  /** Host and port. */
  address: string
  /** What the server calls itself, such as "valkey 9.1.1"; absent while it is not reachable. */
  server?: string
  /** Why it is not reachable: an error code or class. */
  reason?: string
}

/** `unknown`: the API does not answer this page. */
export type Behind =
  | { state: 'asking' }
  | { state: 'unknown' }
  | { state: 'known'; redis: BackingService; mongodb: BackingService }

export interface BehindStore extends StoreApi<Behind> {
  /** Asks the API again; resolves when its answer is there, never rejects. */
  refresh(): Promise<void>
}

/**
 * What is behind the API at this moment. Only the API knows, since its variables may name servers
 * that this page's surroundings do not. The request is not traced: it is no part of any ping.
 */
export function createBehindStore(apiUrl: () => string): BehindStore {
  const store = createStore<Behind>(() => ({ state: 'asking' }))
  const refresh = async (): Promise<void> => {
    store.setState(await ask(healthUrl(apiUrl())), true)
  }
  return { ...store, refresh }
}

export const behindStore = createBehindStore(() => readConfig(document).apiUrl)

async function ask(url: string): Promise<Behind> {
  try {
    const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(5_000) })
    const { redis, mongodb } = (await response.json()) as Record<string, BackingService>
    // Somebody else may listen on the API's port.
    return redis && mongodb ? { state: 'known', redis, mongodb } : { state: 'unknown' }
  } catch {
    // Away, slow, or closed to this page: a ping tells these apart.
    return { state: 'unknown' }
  }
}

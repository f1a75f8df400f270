import type { FaultId } from '../faults/faults.ts'
import type { Failure } from './failure.ts'

/** What the page can call: both databases, or one of them. */
export const legs = {
  ping: '/ping',
  redis: '/redis/:length',
  mongo: '/mongo/:length',
} as const

export type Leg = keyof typeof legs

/** One request to the API, from the click on. */
export interface Call {
  id: number
  /** Made by auto-ping, not by hand. */
  auto: boolean
  url: string
  /** What was broken on purpose. */
  fault?: FaultId
  state: 'running' | 'done' | 'failed'
  /** 32 hex digits; all zeros when tracing is not running. */
  traceId: string
  /** 16 hex digits: the CLIENT span. */
  spanId: string
  /** The headers that were injected; empty when the API may not have them. */
  carrier: Record<string, string>
  status?: number
  bytes?: number
  durationMs?: number
  /** Set when `state` is failed. */
  failure?: Failure
}

/** @param apiUrl with or without a path of its own */
export function callUrl(apiUrl: string, leg: Leg, length: number): URL {
  return new URL(base(apiUrl) + legs[leg].replace(':length', String(length)))
}

/** Where the API says what is behind it. */
export function healthUrl(apiUrl: string): string {
  return `${base(apiUrl)}/health`
}

function base(apiUrl: string): string {
  return apiUrl.replace(/\/$/, '')
}

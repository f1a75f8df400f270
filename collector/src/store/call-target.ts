import type { ServiceNode } from '@pingtrace/otlp'
import type { ReadRecord } from './read-records.ts'

/** What a service calls that sends no spans of its own, as the calling span names it. */
export type CallTarget = Pick<ServiceNode, 'name' | 'kind' | 'attributes'>

/** A name is no place to fill a map with. */
const maxName = 100

/** In this order: what is more than an address says it first. */
const namedBy = [
  { kind: 'database', attribute: 'db.system.name' },
  { kind: 'database', attribute: 'db.system' },
  { kind: 'messaging', attribute: 'messaging.system' },
  { kind: 'external', attribute: 'peer.service' },
  { kind: 'external', attribute: 'server.address' },
  { kind: 'external', attribute: 'net.peer.name' },
] as const

const portOf: Record<string, string> = {
  'server.address': 'server.port',
  'net.peer.name': 'net.peer.port',
}

/**
 * By OpenTelemetry's semantic conventions, the stable names before those they replace.
 * @param offset of the span in its record
 * @returns undefined when the span does not say
 */
export function callTarget(record: ReadRecord, offset: number): CallTarget | undefined {
  for (const { kind, attribute } of namedBy) {
    const value = read(record, offset, attribute)
    if (typeof value !== 'string' || value === '' || value.length > maxName) continue
    const portName = portOf[attribute]
    const port = portName === undefined ? undefined : Number(read(record, offset, portName))
    if (portName === undefined || port === undefined || !(port > 0 && port < 65_536)) {
      return { name: value, kind, attributes: { [attribute]: value } }
    }
    const attributes = { [attribute]: value, [portName]: port }
    return { name: `${value}:${port}`, kind, attributes }
  }
  return undefined
}

function read(record: ReadRecord, offset: number, attribute: string) {
  const value = record.attribute(offset, 'span', keyOf(attribute))
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string'
    ? value
    : null
}

const keys = new Map<string, Buffer>()

function keyOf(attribute: string): Buffer {
  const key = keys.get(attribute) ?? Buffer.from(attribute)
  keys.set(attribute, key)
  return key
}

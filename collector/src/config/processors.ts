import type { BatchSettings } from '../exporters/forwarder.ts'
import type { AttributeAction, AttributeValue } from '../processors/attribute-action.ts'
import type { MemoryLimits } from '../processors/memory-limiter.ts'
import { Section } from './section.ts'
import type { Setting } from './settings-tree.ts'

/** What stands between receivers and store; `batch` tells the exporters how to read from it. */
export type ProcessorSettings =
  | { kind: 'memory_limiter'; limits: MemoryLimits }
  | { kind: 'attributes'; actions: AttributeAction[] }
  | { kind: 'batch'; batch: BatchSettings }

const mebibyte = 1024 * 1024

export function readMemoryLimiter(section: Section): ProcessorSettings | undefined {
  const { problems } = section
  const checkIntervalMs = section.duration('check_interval') ?? 0
  const limit = section.integer('limit_mib', 0, 1_048_576) ?? 0
  // As over there: a fifth of the limit.
  const spike = section.integer('spike_limit_mib', 0, 1_048_576) || Math.floor(limit / 5)
  section.end()
  if (checkIntervalMs <= 0) problems.wrong(section, 'needs a check_interval above 0')
  if (limit === 0) problems.wrong(section, 'needs a limit_mib above 0')
  else if (spike >= limit) {
    problems.wrong(section.placeOf('spike_limit_mib'), 'must be below limit_mib')
  } else {
    const limits = {
      checkIntervalMs,
      hardBytes: limit * mebibyte,
      softBytes: (limit - spike) * mebibyte,
    }
    return { kind: 'memory_limiter', limits }
  }
  return undefined
}

export function readBatch(section: Section): ProcessorSettings {
  // The defaults are those of the official processor.
  const timeoutMs = section.duration('timeout') ?? 200
  const sendBatchSize = section.integer('send_batch_size', 0) ?? 8_192
  const sendBatchMaxSize = section.integer('send_batch_max_size', 0) ?? 0
  section.end()
  if (sendBatchMaxSize > 0 && sendBatchMaxSize < sendBatchSize) {
    section.problems.wrong(
      section.placeOf('send_batch_max_size'),
      'must be send_batch_size or more',
    )
  }
  return { kind: 'batch', batch: { timeoutMs, sendBatchSize, sendBatchMaxSize } }
}

export function readAttributes(section: Section): ProcessorSettings | undefined {
  const { problems } = section
  const list = section.take('actions')
  section.end()
  if (list === undefined || !Array.isArray(list.value) || list.value.length === 0) {
    problems.wrong(list ?? section, 'needs a list of actions')
    return undefined
  }
  const actions = list.value.flatMap((setting) => readAction(new Section(setting, problems)) ?? [])
  return { kind: 'attributes', actions }
}

const actionNames = ['insert', 'update', 'upsert', 'delete'] as const

function readAction(section: Section): AttributeAction | undefined {
  const { problems } = section
  const key = section.string('key')
  const action = section.oneOf('action', actionNames)
  if (key === undefined || key === '') problems.wrong(section, 'needs a key')
  if (section.take('action') === undefined) problems.wrong(section, 'needs an action')
  if (key === undefined || action === undefined) return undefined
  if (action === 'delete') {
    section.end()
    return { action, key }
  }
  const value = section.take('value')
  const from = section.string('from_attribute')
  section.end()
  if ((value === undefined) === (from === undefined)) {
    problems.wrong(section, `${action} needs value or from_attribute, one of them`)
    return undefined
  }
  if (from !== undefined) return { action, key, from }
  const read = readValue(value as Setting)
  if (read !== undefined) return { action, key, value: read }
  problems.unsupported(value as Setting, 'must be a string, a number, true or false')
  return undefined
}

/** A whole number is an int, as over there; YAML's `1.0` is one for us. */
function readValue({ value }: Setting): AttributeValue | undefined {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value !== 'number') return undefined
  return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value }
}

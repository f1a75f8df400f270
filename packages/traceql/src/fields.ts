import type { AttributeScope, Field, Intrinsic, ValueType } from './ast.ts'

interface Known {
  type: ValueType
  /** How it may be written; the first one is how it is printed. */
  names: readonly string[]
}

/** The names are Tempo's: those without a scope are the older ones, and still the shorter ones. */
export const intrinsics: Record<Intrinsic, Known> = {
  name: { type: 'string', names: ['name', 'span:name'] },
  duration: { type: 'duration', names: ['duration', 'span:duration'] },
  status: { type: 'status', names: ['status', 'span:status'] },
  statusMessage: { type: 'string', names: ['statusMessage', 'span:statusMessage'] },
  kind: { type: 'kind', names: ['kind', 'span:kind'] },
  'span:id': { type: 'string', names: ['span:id'] },
  'span:parentID': { type: 'string', names: ['span:parentID'] },
  'span:childCount': { type: 'int', names: ['span:childCount'] },
  'trace:id': { type: 'string', names: ['trace:id'] },
  'trace:duration': { type: 'duration', names: ['trace:duration', 'traceDuration'] },
  'trace:rootName': { type: 'string', names: ['trace:rootName', 'rootName'] },
  'trace:rootService': { type: 'string', names: ['trace:rootService', 'rootServiceName'] },
  'event:name': { type: 'string', names: ['event:name'] },
  'event:timeSinceStart': { type: 'duration', names: ['event:timeSinceStart'] },
  'link:traceID': { type: 'string', names: ['link:traceID'] },
  'link:spanID': { type: 'string', names: ['link:spanID'] },
  'instrumentation:name': { type: 'string', names: ['instrumentation:name'] },
  'instrumentation:version': { type: 'string', names: ['instrumentation:version'] },
}

const byName = new Map(
  Object.entries(intrinsics).flatMap(([intrinsic, { names }]) =>
    names.map((name) => [name, intrinsic as Intrinsic]),
  ),
)

/** What a word, with its scope where it has one, stands for. */
export function findIntrinsic(name: string): Intrinsic | undefined {
  return byName.get(name)
}

/** What Tempo has besides: `parent` it parses but refuses to run. */
export const unsupportedIntrinsics = [
  'nestedSetLeft',
  'nestedSetRight',
  'nestedSetParent',
  'parent',
]

/** How the attributes of each scope begin. */
export const scopePrefixes: Record<AttributeScope, string> = {
  any: '.',
  span: 'span.',
  resource: 'resource.',
  event: 'event.',
  link: 'link.',
}

export const statuses = ['ok', 'error', 'unset'] as const

/** Every resource has one here, as every list of services shows it: see `service` of Span. */
export const serviceName = 'service.name'

export function typeOf(field: Field): ValueType {
  return field.kind === 'intrinsic' ? intrinsics[field.name].type : 'any'
}

/** Whitespace as Go and JavaScript know it, and what ends an attribute's name in Tempo. */
const endsName = /[\s\u0085{}()=~!<>&|^,]/u

/** Whether a character belongs to a name that is not quoted. */
export function isNameCharacter(character: string): boolean {
  return !endsName.test(character)
}

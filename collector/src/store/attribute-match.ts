import {
  type AnyValue,
  type InstrumentationScope,
  type KeyValue,
  type OtlpSpan,
  type Resource,
  spanKinds,
  statusCodes,
} from '@pingtrace/otlp'
import { attributeHashes } from './attribute-keys.ts'
import type { AttributeProbes } from './block-keys.ts'

const trueTexts = ['1', 't', 'T', 'TRUE', 'true', 'True']
const falseTexts = ['0', 'f', 'F', 'FALSE', 'false', 'False']

/** Attributes that are not attributes: Jaeger's names for fields, which the index has. */
const fieldKeys = ['error', 'span.status', 'span.kind']

/** The part of the wanted attributes that can only be told by reading spans. */
export function attributesToRead(wanted: ReadonlyMap<string, string>): [string, string][] {
  return [...wanted].filter(([key]) => !fieldKeys.includes(key))
}

/**
 * Whether a span's kind and status are as wanted. `error` is true or false: of the status ERROR, or
 * of any other (Jaeger's memory storage takes false for the status OK, which hardly any span has).
 */
export function matchesFields(
  wanted: ReadonlyMap<string, string>,
  kind: number,
  status: number,
): boolean {
  const error = wanted.get('error')
  if (error !== undefined) {
    const isError = status === statusCodes.indexOf('error')
    if (!(isError ? trueTexts : falseTexts).includes(error)) return false
  }
  return (
    isNumberOf(statusCodes, wanted.get('span.status'), status) &&
    isNumberOf(spanKinds, wanted.get('span.kind'), kind)
  )
}

/** A name that is none stands for the first one, as in Jaeger. */
function isNumberOf(names: readonly string[], wanted: string | undefined, number: number): boolean {
  return wanted === undefined || Math.max(names.indexOf(wanted.toLowerCase()), 0) === number
}

/** The hashes that say where attributes may be; those that hashes cannot tell are left out. */
export function probesFor(wanted: readonly (readonly [string, string])[]): AttributeProbes {
  return wanted.flatMap(([key, value]) => {
    // A scope without a name has the name ''.
    if (isScopeField(key) && value === '') return []
    const hashes = attributeHashes(keyOfResource(key) ?? key, value)
    return hashes === undefined ? [] : [hashes]
  })
}

/** The text that the bytes of a span, its scope or its resource contain when the attribute fits. */
export function textToFind([key, value]: readonly [string, string]): string {
  return isScopeField(key) ? value : (keyOfResource(key) ?? key)
}

/**
 * Whether a span has an attribute with this value as text: on itself, its scope, its resource, one
 * of its events or links; with the prefix `resource.`, on the resource alone. `scope.name` and
 * `scope.version` are the scope's own.
 */
export function matchesAttribute(
  [key, value]: readonly [string, string],
  span: OtlpSpan,
  scope: InstrumentationScope,
  resource: Resource,
): boolean {
  if (key === 'scope.name') return (scope.name ?? '') === value
  if (key === 'scope.version') return (scope.version ?? '') === value
  const ofResource = keyOfResource(key)
  if (ofResource !== undefined) return hasAttribute(resource, ofResource, value)
  const holders = [span, scope, resource, ...(span.events ?? []), ...(span.links ?? [])]
  return holders.some((holder) => hasAttribute(holder, key, value))
}

function isScopeField(key: string): boolean {
  return key === 'scope.name' || key === 'scope.version'
}

function keyOfResource(key: string): string | undefined {
  return key.startsWith('resource.') ? key.slice('resource.'.length) : undefined
}

function hasAttribute({ attributes }: { attributes?: KeyValue[] }, key: string, text: string) {
  // Of a key that is there twice the last counts, as for every reader here.
  const attribute = attributes?.findLast((each) => (each.key ?? '') === key)
  return attribute !== undefined && asText(attribute.value ?? {}) === text
}

/** Strings as they are, bytes as base64, all else as JSON writes it; an empty value is empty. */
function asText(value: AnyValue): string {
  if (Object.keys(value).length === 0) return ''
  return value.stringValue ?? value.bytesValue ?? asJson(value)
}

/** Not JSON.stringify: a 64-bit integer keeps its digits, and keys are in order, as Go has them. */
function asJson(value: AnyValue): string {
  const text = value.stringValue ?? value.bytesValue
  if (text !== undefined) return JSON.stringify(text)
  if (value.arrayValue !== undefined) {
    return `[${(value.arrayValue.values ?? []).map(asJson).join(',')}]`
  }
  if (value.kvlistValue !== undefined) {
    const members = (value.kvlistValue.values ?? []).map(
      (each) => `${JSON.stringify(each.key ?? '')}:${asJson(each.value ?? {})}`,
    )
    return `{${members.sort().join(',')}}`
  }
  return String(value.boolValue ?? value.intValue ?? value.doubleValue ?? 'null')
}

import type { AttributeValue } from '@pingtrace/otlp'

/** An attribute's value as text: a string as it is, a list or a map as indented JSON. */
export function attributeText(value: AttributeValue): string {
  return typeof value === 'string' ? value : json(value, '')
}

/** Not JSON.stringify: it refuses 64-bit integers, and writes null for NaN and the infinities. */
function json(value: AttributeValue, indent: string): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object') return String(value)
  const deeper = `${indent}  `
  const [open, close, items] = Array.isArray(value)
    ? ['[', ']', value.map((item) => json(item, deeper))]
    : ['{', '}', Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${json(v, deeper)}`)]
  if (items.length === 0) return `${open}${close}`
  return `${open}\n${deeper}${items.join(`,\n${deeper}`)}\n${indent}${close}`
}

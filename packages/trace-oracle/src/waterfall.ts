import type { Finding } from '@pingtrace/doctor'
import { type TraceNode, timeRange } from '@pingtrace/trace-tree'
import { labelOf } from './shape.ts'
import { describeVerdict, type Verdict } from './verdict.ts'
import { walk } from './walk.ts'

const width = 960
const rowHeight = 22
/** Where names end and bars begin. */
const axis = 400
const axisWidth = width - axis - 80

interface Pictured {
  name: string
  verdict: Verdict
  findings: readonly Finding[]
}

const signs: Record<Finding['severity'], string> = { error: '✖', warning: '▲', info: 'ℹ' }
const colors: Record<Finding['severity'], string> = {
  error: '#b00020',
  warning: '#7a5200',
  info: '#444',
}

/** More of them are in the text beside the picture. */
const maxFindings = 20

/** A trace as a picture that stands alone: a report shows it without any script. */
export function waterfall(
  roots: readonly TraceNode[],
  { name, verdict, findings }: Pictured,
): string {
  const rows = walk(roots, ({ children }) => children)
  const { start, end } = timeRange(rows.flatMap(({ node: { span } }) => span ?? []))
  const scale = axisWidth / Math.max(1, Number(end - start))
  const listed = findings.slice(0, maxFindings)
  const height = (rows.length + 2 + listed.length) * rowHeight
  const color = verdict.kind === 'incomplete' ? '#b00020' : '#333'
  const head = `${text(8, 0, name, 'font-weight="bold"')}${text(8, 1, describeVerdict(verdict), `fill="${color}"`)}`
  const body = rows.map(
    ({ node, depth }, index) =>
      row(node, depth, index + 2, start, scale) + marks(node, index + 2, findings),
  )
  const words = listed.map((finding, index) => line(finding, rows.length + 2 + index))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + 8}" width="${width}"`,
    ` font-family="system-ui, sans-serif" font-size="12" fill="#222">`,
    `<rect width="100%" height="100%" fill="#fff"/>${head}${body.join('')}${words.join('')}</svg>`,
  ].join('')
}

function row(node: TraceNode, depth: number, at: number, start: bigint, scale: number): string {
  const { span, oddTimes } = node
  const label = text(
    8 + Math.min(depth, 12) * 14,
    at,
    shorten(labelOf(node), 60 - 2 * Math.min(depth, 12)),
  )
  if (span === undefined || oddTimes !== undefined) return label
  const x = axis + Number(span.start - start) * scale
  const length = Math.max(2, Number(span.end - span.start) * scale)
  const fill = span.status.code === 'error' ? '#c62828' : `hsl(${hue(span.service)} 50% 55%)`
  const ms = `${(Number(span.end - span.start) / 1e6).toFixed(1)} ms`
  const bar = `<rect x="${x.toFixed(1)}" y="${at * rowHeight + 5}" width="${length.toFixed(1)}" height="14" rx="3" fill="${fill}"/>`
  return `${label}${bar}${text(Math.min(x + length + 6, width - 70), at, ms, 'font-size="10"')}`
}

/** Signs in front of the bar of a span at which the doctor found something. */
function marks({ spanId }: TraceNode, at: number, findings: readonly Finding[]): string {
  const [gravest] = findings.filter(({ span }) => span.spanId === spanId)
  if (gravest === undefined) return ''
  const { severity } = gravest
  return text(axis - 18, at, signs[severity], `fill="${colors[severity]}"`)
}

function line({ severity, rule, problem }: Finding, at: number): string {
  const words = shorten(`${signs[severity]} ${severity} ${rule}: ${problem}`, 140)
  return text(8, at, words, `fill="${colors[severity]}"`)
}

function text(x: number, at: number, content: string, more = ''): string {
  return `<text x="${x.toFixed(1)}" y="${at * rowHeight + 16}" ${more}>${asXml(content)}</text>`
}

/** What XML cannot hold at all is left out. */
function asXml(content: string): string {
  return content
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '?')
    .replace(/[<>&"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

function shorten(label: string, length: number): string {
  return label.length > length ? `${label.slice(0, length - 1)}…` : label
}

/** The same service has the same colour in every picture. */
function hue(service: string): number {
  return [...service].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 360, 7)
}

import type { Finding, SpanReference } from '@pingtrace/doctor'
import type { Span } from '@pingtrace/otlp'

/** How many of the spans that have to do with a finding are listed. */
const listed = 3

/** The findings as plain text for a terminal; traces without any are only counted. */
export function reportFindings(spans: readonly Span[], byTrace: Map<string, Finding[]>): string {
  const all = [...byTrace.values()].flat()
  const parts = [...byTrace].flatMap(([traceId, findings]) =>
    findings.length === 0 ? [] : [headOf(traceId, spans), ...findings.map(paragraph)],
  )
  const counts = (['error', 'warning', 'info'] as const)
    .map((severity) => [all.filter((each) => each.severity === severity).length, severity])
    .filter(([count]) => count !== 0)
    .map(([count, severity]) => `${count} ${severity}`)
  const verdict =
    all.length === 0 ? 'no findings' : `${plural(all.length, 'finding')}: ${counts.join(', ')}`
  const what = `${plural(byTrace.size, 'trace')}, ${plural(spans.length, 'span')}`
  return [...parts, `${what}: ${verdict}`].join('\n\n')
}

function headOf(traceId: string, spans: readonly Span[]): string {
  const own = spans.filter((span) => span.traceId === traceId)
  const services = [...new Set(own.map(({ service }) => service))].join(', ')
  return `trace ${traceId}: ${plural(own.length, 'span')} of ${printable(services)}`
}

function paragraph(finding: Finding): string {
  const { rule, severity, certainty, problem, span, candidates, evidence, cause, mend, link } =
    finding
  const lines: [label: string, text: string][] = [
    ['at', placeOf(span, span.traceId)],
    ...candidates
      .slice(0, listed)
      .map((each): [string, string] => ['see', placeOf(each, span.traceId)]),
    ...Object.entries(evidence).map(([key, value]): [string, string] => [
      'shown by',
      `${key}: ${value}`,
    ]),
    ['cause', cause],
    ['mend', mend],
    ['more', link],
  ]
  const left = candidates.length - listed
  if (left > 0) lines.splice(1 + listed, 0, ['see', `and ${left} more`])
  return [
    `${severity.toUpperCase()} ${rule} (${certainty})`,
    `  ${printable(problem)}`,
    ...lines.map(([label, text], index) => {
      const isRepeated = lines[index - 1]?.[0] === label
      return `  ${(isRepeated ? '' : label).padEnd(9)} ${printable(text)}`
    }),
  ].join('\n')
}

function placeOf({ name, service, spanId, traceId }: SpanReference, here: string): string {
  return `${name} (${service}), span ${spanId}${traceId === here ? '' : ` of trace ${traceId}`}`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A stranger named these spans: nothing of it may steer a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { readOtlpFile } from './otlp-file.ts'
import { root } from './paths.ts'

const span = {
  traceId: '5B8EFFF798038103D269B633813FC60C',
  spanId: 'EEE19B7EC3C1B174',
  name: 'buy',
}
const document = (...spans: object[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] })

describe('a file of traces', () => {
  test.each([
    ['one document', JSON.stringify(document(span, { ...span, spanId: 'eee19b7ec3c1b175' }))],
    [
      'one document, laid out',
      JSON.stringify(document(span, { ...span, spanId: 'eee19b7ec3c1b175' }), null, 2),
    ],
    [
      'JSON lines',
      `${JSON.stringify(document(span))}\n\n${JSON.stringify(document({ ...span, spanId: 'eee19b7ec3c1b175' }))}\n`,
    ],
    [
      'an answer of the query API',
      JSON.stringify({ result: document(span, { ...span, spanId: 'eee19b7ec3c1b175' }) }),
    ],
    [
      'a byte order mark',
      `\ufeff${JSON.stringify(document(span, { ...span, spanId: 'eee19b7ec3c1b175' }))}`,
    ],
  ])('may be %s', (_, content) => {
    expect(readOtlpFile(content).map(({ traceId, spanId }) => [traceId, spanId])).toEqual([
      ['5b8efff798038103d269b633813fc60c', 'eee19b7ec3c1b174'],
      ['5b8efff798038103d269b633813fc60c', 'eee19b7ec3c1b175'],
    ])
  })

  const good = JSON.stringify(document(span))
  test.each([
    ['', 'line 1: the file is empty'],
    ['{}', 'the document from line 1 on: not OTLP traces: there is no resourceSpans'],
    ['[]', 'the document from line 1 on: not OTLP traces: there is no resourceSpans'],
    ['{"resourceSpans":[]}', 'line 1: there is no span in it'],
    ['{\n  "resourceSpans": [\n    oops\n', 'line 3: not JSON: '],
    ['{\n  "resourceSpans": [\n', 'line 2: not JSON: '],
    [`${good}\n${good}\n{"resourceSpans":`, 'line 3: not JSON: '],
    [`${good}\n{"resourceSpans":5}`, 'the document from line 2 on: resourceSpans is not a list'],
    [
      JSON.stringify(document({ ...span, traceId: 'abc' })),
      'the document from line 1 on: resourceSpans[0].scopeSpans[0].spans[0].traceId is not 32 hex digits',
    ],
    [
      JSON.stringify(document(span, { ...span, name: 5 })),
      'the document from line 1 on: resourceSpans[0].scopeSpans[0].spans[1].name is not a string',
    ],
    [
      JSON.stringify(document({ ...span, attributes: [null] })),
      'the document from line 1 on: resourceSpans[0].scopeSpans[0].spans[0].attributes[0] is not an object',
    ],
  ])('is refused: %j', (content, reason) => {
    expect(() => readOtlpFile(content)).toThrow(reason)
  })
})

describe('npm run doctor', () => {
  test.each([
    ['healthy', { ...span, startTimeUnixNano: '1', endTimeUnixNano: '2' }, 0, 'no findings'],
    ['ill', { ...span, startTimeUnixNano: '1' }, 1, 'WARNING unended-span (certain)'],
  ])('tells a %s trace by its exit code', async (_, told, exitCode, words) => {
    const service = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
    const content = { resourceSpans: [{ resource: service, scopeSpans: [{ spans: [told] }] }] }
    const { code, output } = await doctor(JSON.stringify(content))
    expect(output).toContain(words)
    expect(code).toBe(exitCode)
  })

  test('ends with 2 for what is no trace', async () => {
    const { code, errors } = await doctor('{"resourceSpans":')
    expect(errors).toContain('pingtrace: -: line 1: not JSON')
    expect(code).toBe(2)
  })
})

async function doctor(input: string) {
  const child = spawn(process.execPath, ['scripts/boot.mjs', 'doctor', '-'], { cwd: root })
  child.stdin.end(input)
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { output, errors, code: code as number }
}

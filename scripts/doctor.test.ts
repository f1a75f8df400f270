import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { root } from './paths.ts'

const span = {
  traceId: '5B8EFFF798038103D269B633813FC60C',
  spanId: 'EEE19B7EC3C1B174',
  name: 'buy',
  startTimeUnixNano: '1795435200000000000',
  endTimeUnixNano: '1795435200010000000',
}
const { endTimeUnixNano: _, ...unended } = span
const oldName = { key: 'http.method', value: { stringValue: 'GET' } }
const service = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
const otlp = (told: object) => ({
  resourceSpans: [{ resource: service, scopeSpans: [{ spans: [told] }] }],
})
const jaeger = {
  data: [
    {
      traceID: span.traceId,
      spans: [
        {
          traceID: span.traceId,
          spanID: span.spanId,
          operationName: 'GET /users/4711',
          startTime: 1_795_435_200_000_000,
          duration: 10_000,
          processID: 'p1',
        },
      ],
      processes: { p1: { serviceName: 'shop' } },
    },
  ],
}

describe('npm run doctor', () => {
  test.each([
    ['a healthy trace', otlp(span), [], 0, '1 trace, 1 span: no findings'],
    ['an ill one', otlp(unended), [], 1, 'WARNING unended-span (certain)'],
    ['one that could be better', otlp({ ...span, attributes: [oldName] }), [], 0, '1 info'],
    ['the same, strictly', otlp({ ...span, attributes: [oldName] }), ['info'], 1, '1 info'],
    ['an ill one, but for errors', otlp(unended), ['error'], 0, '1 warning'],
    ['what a Jaeger answers', jaeger, [], 1, 'WARNING high-cardinality-name'],
  ])('tells %s by its exit code', async (_, content, [failOn], exitCode, words) => {
    // Laid out, as people save it.
    const input = JSON.stringify(content, null, 2)
    const { code, output } = await doctor(input, failOn)
    expect(output).toContain(words)
    expect(code).toBe(exitCode)
  })

  test('ends with 2 for what is no trace, and for what it cannot be asked', async () => {
    const noTrace = await doctor('{\n"resourceSpans": oops')
    expect(noTrace.errors).toMatch(/pingtrace: -: Line 2: not JSON/)
    expect(noTrace.code).toBe(2)
    const noSeverity = await doctor('{}', 'everything')
    expect(noSeverity.errors).toContain('--fail-on error|warning|info')
    expect(noSeverity.code).toBe(2)
  })
})

async function doctor(input: string, failOn?: string) {
  const more = failOn === undefined ? [] : ['--fail-on', failOn]
  const child = spawn(process.execPath, ['scripts/boot.mjs', 'doctor', ...more, '-'], { cwd: root })
  // Who is asked wrongly does not read it.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { output, errors, code: code as number }
}

import { readFileSync } from 'node:fs'
import type { OtlpSpan, SearchError, SearchResult, TracesData } from '@pingtrace/otlp'
import { expect, it } from 'vitest'
import { transcodeTraces } from '../otlp/json-to-protobuf.ts'
import { spanIdOf, startTestCollector, traceIdOf } from '../testing.ts'

const documentation = readFileSync(new URL('../../docs/traceql.md', import.meta.url), 'utf8')

/** The lines of the documentation's block of code in this language. */
function block(language: string): string[] {
  const [, text] = new RegExp(`^\`\`\`${language}\n([^]*?)\n\`\`\`$`, 'm').exec(documentation)!
  return text!.split('\n')
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } })

/** A span of the click, by milliseconds from its start. */
function step(
  id: number,
  parent: number,
  name: string,
  kind: number,
  from: number,
  to: number,
  more: OtlpSpan = {},
): OtlpSpan {
  const at = (milliseconds: number) =>
    String(1_700_000_000_000_000_000n + BigInt(milliseconds) * 1_000_000n)
  return {
    traceId: traceIdOf(1),
    spanId: spanIdOf(id),
    ...(parent === 0 ? {} : { parentSpanId: spanIdOf(parent) }),
    name,
    kind,
    startTimeUnixNano: at(from),
    endTimeUnixNano: at(to),
    ...more,
  }
}

const failed = { status: { code: 2, message: 'connection closed' } }
const exception = { name: 'exception', attributes: [text('exception.type', 'MongoNetworkError')] }
const database = (system: string) => ({ attributes: [text('db.system.name', system)] })

const click: TracesData = {
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'pingtrace-web')] },
      scopeSpans: [{ spans: [step(1, 0, 'client operation', 3, 0, 20)] }],
    },
    {
      resource: {
        attributes: [
          text('service.name', 'pingtrace-api'),
          text('deployment environment', 'local'),
        ],
      },
      scopeSpans: [
        {
          spans: [
            step(2, 1, '/ping', 2, 2, 18, {
              attributes: [
                text('http.route', '/ping'),
                { key: 'http.response.status_code', value: { intValue: '500' } },
              ],
              ...failed,
            }),
            step(3, 2, 'redis_integration', 1, 3, 6),
            step(4, 3, 'server redis operation', 3, 4, 6, database('redis')),
            step(5, 2, 'mongo_integration', 1, 3, 17, failed),
            step(6, 5, 'server mongo operation', 3, 4, 17, {
              ...database('mongodb'),
              ...failed,
              events: [exception],
            }),
          ],
        },
      ],
    },
  ],
}

it('has examples that find what it says, and refusals that are refused by name', async () => {
  const collector = await startTestCollector()
  await collector.send(transcodeTraces(Buffer.from(JSON.stringify(click))))
  const ask = async (q: string) => {
    const response = await collector.query(`/live/v1/search?${new URLSearchParams({ q })}`)
    return (await response.json()) as SearchResult & SearchError
  }
  for (const query of block('traceql')) {
    expect(
      (await ask(query)).traces?.map(({ name }) => name),
      query,
    ).toEqual(['client operation'])
  }
  for (const query of block('traceql-refused')) {
    expect((await ask(query)).error?.message, query).toMatch(/^not in this collector's subset: /)
  }
  expect((await ask('{ status = error')).error).toEqual(JSON.parse(errorText()))
})

/** The error that the documentation shows. */
function errorText(): string {
  const [, error] = /"error": (\{[\s\S]*?\n {2}\})/.exec(documentation)!
  return error!
}

/**
 * Exporters that nobody here wrote: recorded requests (test-data/README.md) are replayed over real
 * sockets, and what is read back is compared with what their programs sent.
 */
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:http2'
import type { KeyValue, TracesData } from '@pingtrace/otlp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clients } from '../test-data/clients.ts'
import type { Recording } from '../test-data/recorder.ts'
import { sent, traceId } from '../test-data/sent.ts'
import { startTestCollector, type TestCollector } from './testing.ts'

const folder = new URL('../test-data/recorded/', import.meta.url)
const recordings = readdirSync(folder).map((file) => file.replace(/\.json$/, ''))

function read(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Recording
}

/** @returns the status: of HTTP, and of gRPC */
async function replay({ ports }: TestCollector, { path, headers, body }: Recording) {
  const bytes = Buffer.from(body, 'base64')
  if (path === '/v1/traces') {
    const url = `http://127.0.0.1:${ports.otlpHttp}${path}`
    const response = await fetch(url, { method: 'POST', headers, body: bytes })
    const text = await response.text()
    return { status: response.status, answer: text }
  }
  const session = connect(`http://127.0.0.1:${ports.otlpGrpc}`)
  onTestFinished(() => session.destroy())
  const stream = session.request({ ':method': 'POST', ':path': path, ...headers })
  let trailers: Record<string, unknown> = {}
  stream.on('trailers', (received) => {
    trailers = received
  })
  const answer: Buffer[] = []
  stream.on('data', (chunk: Buffer) => answer.push(chunk))
  stream.end(bytes)
  await once(stream, 'close')
  return { status: trailers['grpc-status'], answer: Buffer.concat(answer).toString('hex') }
}

async function stored(collector: TestCollector): Promise<TracesData | undefined> {
  const response = await collector.query(`/api/v3/traces/${traceId}`)
  return ((await response.json()) as { result?: TracesData }).result
}

/** Sorted by key, on every level: an SDK may keep attributes in a map. */
function sorted(list: readonly KeyValue[] = []): KeyValue[] {
  return list
    .map(({ key, value }) =>
      value?.kvlistValue === undefined
        ? { key: key!, value: value! }
        : { key: key!, value: { kvlistValue: { values: sorted(value.kvlistValue.values) } } },
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** A line for each span, with all that belongs to it, in the order of their ids. */
function told(traces: TracesData | undefined) {
  const own = ['service.name', 'shop.floors']
  return (traces?.resourceSpans ?? [])
    .flatMap(({ resource, scopeSpans = [] }) =>
      scopeSpans.flatMap(({ scope, schemaUrl, spans = [] }) =>
        spans.map((span) => ({
          // The rest of the resource is the SDK's.
          resource: sorted(resource?.attributes).filter(({ key }) => own.includes(key!)),
          scope: { name: scope?.name, version: scope?.version, schemaUrl },
          scopeAttributes: sorted(scope?.attributes),
          ...span,
          // Written empty or left out: unset, both times.
          status: span.status ?? {},
          attributes: sorted(span.attributes),
          events: span.events?.map((event) => ({ ...event, attributes: sorted(event.attributes) })),
          links: span.links?.map((link) => ({ ...link, attributes: sorted(link.attributes) })),
        })),
      ),
    )
    .sort((a, b) => (a.spanId! < b.spanId! ? -1 : 1))
}

/** What each SDK cannot say, or says in its own way; everything else must be as it was sent. */
function sentBy(client: string) {
  const sampled = 1
  // Python's writes no trace flags, only whether the parent is remote.
  const flagsOf = (flags = 0) => (client === 'python' ? flags & ~sampled : flags)
  return told(sent).map((span) => ({
    ...span,
    scopeAttributes: client === 'java' ? [] : span.scopeAttributes,
    flags: flagsOf(span.flags),
    links: span.links?.map(({ traceState, ...link }) => ({
      ...link,
      flags: flagsOf(link.flags),
      ...(!['go', 'python'].includes(client) && { traceState }),
    })),
  }))
}

describe('a recorded request', () => {
  it.each(recordings)('%s is acknowledged, and read back as it was sent', async (name) => {
    const collector = await startTestCollector()
    const recording = read(name)
    const { status, answer } = await replay(collector, recording)
    if (recording.path === '/v1/traces') {
      expect(status).toBe(200)
      expect(answer).toBe(name.includes('json') ? '{}' : '')
    } else {
      expect(status).toBe('0')
      expect(answer).toBe('0000000000')
    }
    expect(told(await stored(collector))).toEqual(sentBy(name.split('-')[0]!))
  })

  it('that comes again, late and by another way, is the same spans', async () => {
    const collector = await startTestCollector()
    for (const encoding of ['grpc-gzip', 'http-protobuf-none', 'http-json-none']) {
      await replay(collector, read(`python-${encoding}`))
      await replay(collector, read(`python-${encoding}`))
    }
    expect(told(await stored(collector))).toEqual(sentBy('python'))
  })
})

// OTLP_CLIENTS is the folder that test-data/record.ts was given; OTELCOL names the Collector.
const built = process.env.OTLP_CLIENTS
const live = clients.flatMap((client) =>
  client.ways.map(([protocol, compression]) => ({ client, protocol, compression })),
)

describe.each(live)(
  '$client.name by $protocol, $compression',
  ({ client, protocol, compression }) => {
    const isThere = built !== undefined && client.isBuilt(built)

    it.skipIf(!isThere)('sends, and all of it is stored (needs OTLP_CLIENTS)', async () => {
      const collector = await startTestCollector()
      const port = protocol === 'grpc' ? collector.ports.otlpGrpc : collector.ports.otlpHttp
      await client.send(built!, protocol, compression, `http://127.0.0.1:${port}`)
      expect(told(await stored(collector))).toEqual(sentBy(client.name))
    })
  },
)

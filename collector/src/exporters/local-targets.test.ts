import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { decodeTraces } from '../otlp/decode.ts'
import { request, span, spanIdOf, temporaryFolder, traceIdOf } from '../testing.ts'
import { type DebugSettings, debugTarget } from './debug-target.ts'
import { type FileSettings, fileTarget } from './file-target.ts'
import { recordLog } from './otlp-target.test-support.ts'
import type { Target } from './target.ts'

const attributes = [{ key: 'k', value: { stringValue: 'two\nlines\u001b[2J' } }]
const body = Buffer.from(
  request('shop', span(traceIdOf(1), spanIdOf(1), { name: 'sold', attributes })),
)

const send = (target: Target) => target.send(body, new AbortController().signal)

async function log(verbosity: DebugSettings['verbosity']): Promise<string[]> {
  const lines = recordLog()
  expect(await send(debugTarget({ protocol: 'debug', verbosity }))).toMatchObject({ kind: 'taken' })
  return lines.flatMap((line) => line.split('\n'))
}

it('debug counts, names each span, or shows all of it, and lets no sender write lines', async () => {
  const basic = 'collector: debug: 1 spans of 1 resources'
  expect(await log('basic')).toEqual([basic])
  expect(await log('normal')).toEqual([
    basic,
    `shop sold ${traceIdOf(1)} ${spanIdOf(1)} k=two\\u000alines\\u001b[2J`,
  ])
  const [first, ...detail] = await log('detailed')
  expect(first).toBe(basic)
  expect(JSON.parse(detail.join('\n'))).toEqual(decodeTraces(body))
})

function file(settings: Partial<FileSettings>): Target & { path: string } {
  const path = settings.path ?? join(temporaryFolder(), 'spans')
  const target = fileTarget({ protocol: 'file', format: 'json', append: false, ...settings, path })
  onTestFinished(() => target.close())
  return { ...target, path }
}

it('file writes a line of OTLP JSON for each batch', async () => {
  const target = file({})
  await send(target)
  await send(target)
  const lines = readFileSync(target.path, 'utf8').split('\n')
  expect(lines.pop()).toBe('')
  expect(lines.map((line) => JSON.parse(line))).toEqual([decodeTraces(body), decodeTraces(body)])
})

it('file writes protobuf behind its length', async () => {
  const target = file({ format: 'proto' })
  await send(target)
  const bytes = readFileSync(target.path)
  expect(bytes.readUInt32BE()).toBe(body.length)
  expect(bytes.subarray(4).equals(body)).toBe(true)
})

it('file begins anew, or goes on where it is told to append', async () => {
  const path = join(temporaryFolder(), 'spans')
  writeFileSync(path, 'before\n')
  const appending = file({ path, append: true })
  await send(appending)
  expect(readFileSync(path, 'utf8')).toMatch(/^before\n\{/)
  await send(file({ path }))
  expect(readFileSync(path, 'utf8')).toMatch(/^\{/)
})

it('file that cannot be written is tried again', async () => {
  const target = file({ path: join(temporaryFolder(), 'missing', 'spans') })
  expect(await send(target)).toMatchObject({
    kind: 'retry',
    reason: expect.stringContaining('ENOENT'),
  })
})

import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../testing.ts'
import { headerLength } from './segment-record.ts'
import { lengthOf, Segments } from './segments.ts'

function open(folder: string) {
  const segments = new Segments(folder)
  const recovered: string[] = []
  segments.recover({
    sealed: () => undefined,
    record: (record, payload) => {
      recovered[record] = payload.toString()
    },
  })
  onTestFinished(() => segments.close())
  return { segments, recovered }
}

const requestOf = (text: string) => ({ receiver: 'otlp-grpc' as const, payload: Buffer.from(text) })
const files = (folder: string) => readdirSync(folder).map((name) => join(folder, name))

describe('the segments of a folder', () => {
  it('read back what was appended, and again after they were opened anew', () => {
    const folder = temporaryFolder()
    const { segments } = open(folder)
    expect(segments.append([requestOf('one'), requestOf('two')])).toBe(0)
    expect(segments.append([requestOf('three')])).toBe(2)
    expect(segments.read(1)?.toString()).toBe('two')
    segments.close()

    const again = open(folder)
    expect(again.recovered).toEqual(['one', 'two', 'three'])
    expect(again.segments.damage).toEqual({ places: 0, bytes: 0, tornBytes: 0 })
    expect(again.segments.append([requestOf('four')])).toBe(3)
    expect(again.segments.read(3)?.toString()).toBe('four')
    expect(files(folder)).toHaveLength(1)
  })

  it('go on in a new file when one is full', () => {
    const folder = temporaryFolder()
    const { segments } = open(folder)
    const large = { receiver: 'otlp-grpc' as const, payload: Buffer.alloc(30 * 1024 * 1024, 'x') }
    for (let i = 0; i < 3; i++) {
      expect(segments.makeRoom(lengthOf([large]))).toEqual([])
      segments.append([large])
    }
    expect(files(folder)).toHaveLength(2)
    expect(segments.read(2)?.equals(large.payload)).toBe(true)
    const position = segments.positionAfter(3)
    segments.close()

    const again = open(folder)
    expect(again.recovered).toHaveLength(3)
    expect(again.segments.countBefore(position)).toBe(3)
  })

  it('are cut at the last whole record when the process died in mid-write', () => {
    const folder = temporaryFolder()
    const first = open(folder)
    first.segments.append([requestOf('whole'), requestOf('torn')])
    first.segments.close()
    const [file] = files(folder)
    truncateSync(file!, readFileSync(file!).length - 1)

    const { segments, recovered } = open(folder)
    expect(recovered).toEqual(['whole'])
    expect(segments.damage).toEqual({ places: 0, bytes: 0, tornBytes: headerLength + 3 })
    segments.append([requestOf('next')])
    segments.close()
    expect(open(folder).recovered).toEqual(['whole', 'next'])
  })

  it('skip damage in the middle, and count it', () => {
    const folder = temporaryFolder()
    const first = open(folder)
    first.segments.append(['one', 'two', 'three'].map(requestOf))
    first.segments.close()
    const [file] = files(folder)
    const bytes = readFileSync(file!)
    bytes[bytes.indexOf('two')]! ^= 1
    writeFileSync(file!, bytes)

    const { segments, recovered } = open(folder)
    expect(recovered).toEqual(['one', 'three'])
    expect(segments.damage).toEqual({ places: 1, bytes: headerLength + 3, tornBytes: 0 })
  })

  it('ignore files that are not theirs', () => {
    const folder = temporaryFolder()
    appendFileSync(join(folder, 'README'), 'PTR1')
    appendFileSync(join(folder, '1.segment.bak'), 'PTR1')
    expect(open(folder).recovered).toEqual([])
  })

  it('say that a record cannot be read any more, instead of failing', () => {
    const folder = temporaryFolder()
    const { segments } = open(folder)
    segments.append([requestOf('one'), requestOf('two')])
    const [file] = files(folder)
    truncateSync(file!, headerLength + 4)
    expect(segments.read(0)?.toString()).toBe('one')
    expect(segments.read(1)).toBeUndefined()
  })

  it('never let the time of arrival go back, even when the clock does', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_500 })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const folder = temporaryFolder()
    const first = open(folder)
    first.segments.append([requestOf('one')])
    vi.setSystemTime(1_600_000_000_000)
    first.segments.append([requestOf('two')])
    first.segments.close()

    const { segments } = open(folder)
    segments.append([requestOf('three')])
    expect([0, 1, 2].map((record) => segments.arrivedAt(record))).toEqual(
      Array(3).fill(1_700_000_000_500),
    )
  })
})

describe('positions', () => {
  it('lead back to the same place after a restart', () => {
    const folder = temporaryFolder()
    const first = open(folder)
    first.segments.append(['one', 'two', 'three'].map(requestOf))
    const positions = [0, 1, 2, 3].map((count) => first.segments.positionAfter(count))
    first.segments.close()

    const { segments } = open(folder)
    expect(positions.map((position) => segments.countBefore(position))).toEqual([0, 1, 2, 3])
  })

  it('are unknown when they are no record boundary, or no position at all', () => {
    const { segments } = open(temporaryFolder())
    segments.append(['one', 'two'].map(requestOf))
    const [segment, offset] = segments.positionAfter(1).split('-')
    const odd = [
      `${segment}-${Number(offset) + 1}`,
      `${segment}-${2 ** 40}`,
      '1-0',
      '',
      'x',
      '-1',
      '1-2-3',
    ]
    for (const position of odd) expect(segments.countBefore(position), position).toBeUndefined()
  })

  it('of a folder that was wiped are unknown to the one that follows', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const folder = temporaryFolder()
    const first = open(folder)
    first.segments.append([requestOf('one')])
    const positions = [first.segments.positionAfter(0), first.segments.positionAfter(1)]
    first.segments.close()
    rmSync(folder, { recursive: true })

    vi.setSystemTime(1_700_000_000_001)
    const { segments } = open(folder)
    segments.append([requestOf('two')])
    for (const position of positions) expect(segments.countBefore(position)).toBeUndefined()
  })
})

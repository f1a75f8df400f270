import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TracesScan } from '../src/otlp/scan.ts'
import { SegmentFile } from '../src/store/segment-file.ts'
import { encodeHeader, headerLength } from '../src/store/segment-record.ts'
import { protobufRequests } from './requests.ts'

/** Spans for a second of CPU, when nothing else is done with them. */
export interface Limits {
  scan: number
  /** With the checksum and the header of a record, in groups of eight requests; into the page cache. */
  write: number
}

const spansInRequest = 512
const requests = 64
const requestsInGroup = 8

/** What no receiver on this machine can pass: it has to look at every span, and to write it. */
export async function measureLimits(seconds: number): Promise<Limits> {
  const make = protobufRequests(spansInRequest)
  const pool = Array.from({ length: requests }, () => Buffer.from(make.next()))
  const scan = new TracesScan()
  const scanned = spansPerSecond(seconds, () => {
    for (const payload of pool) scan.scan(payload)
  })
  const folder = await mkdtemp(join(tmpdir(), 'pingtrace-bench-'))
  try {
    const written = spansPerSecond(seconds, (round) => {
      // Each round has a file, or it would take all of the disk.
      const file = new SegmentFile(join(folder, `${round % 2}`), round < 2 ? 'wx+' : 'r+', 1, 0)
      for (let at = 0; at < pool.length; at += requestsInGroup) {
        const group = pool.slice(at, at + requestsInGroup)
        const parts = group.flatMap((each) => [encodeHeader(each, 'otlp-grpc', 0n), each])
        file.append(
          parts,
          parts.reduce((sum, { length }) => sum + length, 0),
        )
        for (const { length } of group) file.note(file.size, length, 0)
      }
      if (file.size < requests * headerLength) throw new Error('nothing was written')
      file.close()
    })
    return { scan: scanned, write: written }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** @param work on the whole pool, once */
function spansPerSecond(seconds: number, work: (round: number) => void): number {
  let round = 0
  // Until it is compiled.
  while (round < 20) work(round++)
  const before = process.cpuUsage()
  const first = round
  for (;;) {
    work(round++)
    const { user, system } = process.cpuUsage(before)
    const used = (user + system) / 1e6
    if (used >= seconds) return ((round - first) * requests * spansInRequest) / used
  }
}

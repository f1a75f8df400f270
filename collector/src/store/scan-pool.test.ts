import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { ScanPool } from './scan-pool.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** A resource's field that nobody knows: scanned, and of no meaning. */
function largeRequest(): Uint8Array {
  const bytes = new Uint8Array(1024 * 1024)
  for (let at = 0; at < bytes.length; at += 2) bytes.set([0x0a, 0], at)
  return bytes.subarray(0, 2 * 1000)
}

it('keeps the scans for reuse, and not the requests that they scanned', async () => {
  const pool = new ScanPool()
  const scans = Array.from({ length: 3 }, () => pool.take()!)
  const requests = scans.map((scan) => {
    const request = largeRequest()
    scan.scan(request)
    return new WeakRef(request)
  })
  for (const scan of scans) pool.giveBack(scan)
  await nextTurn()
  collectGarbage()
  expect(requests.map((request) => request.deref())).toEqual([undefined, undefined, undefined])
  expect(scans).toContain(pool.take())
})

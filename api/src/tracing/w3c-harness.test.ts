import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { listen, startPropagationService } from './propagation-service.test-support.ts'
import { recordSpans } from './record-spans.test-support.ts'

/** The folder `test` of a checkout of github.com/w3c/trace-context. */
const folder = process.env.W3C_TRACE_CONTEXT_DIR
/** A Python that has aiohttp. */
const python = process.env.PYTHON ?? 'python3'

/** Why the harness cannot run here; undefined if it can. */
function hindrance(): string | undefined {
  if (!folder) return 'W3C_TRACE_CONTEXT_DIR is not set'
  const { status } = spawnSync(python, ['-c', 'import aiohttp'])
  return status === 0 ? undefined : `${python} with aiohttp is missing`
}
const missing = hindrance()

// Its cases run as tests of our own in any case; here the originals judge.
test.skipIf(missing !== undefined)(
  `the W3C’s own harness, at level 2 and strict${missing === undefined ? '' : ` (${missing})`}`,
  { timeout: 120_000 },
  async () => {
    recordSpans()
    const service = await startPropagationService()
    const free = await listen(() => undefined)
    await free.close()
    const env = {
      ...process.env,
      HARNESS_PORT: String(free.port),
      SPEC_LEVEL: '2',
      STRICT_LEVEL: '2',
    }
    const endpoint = `http://127.0.0.1:${service.port}/test`
    // A case that fails makes Python exit with another code than 0, and this reject with its words.
    const { stderr } = await promisify(execFile)(python, ['test.py', endpoint], {
      cwd: folder,
      env,
    })
    await service.close()
    expect(stderr).toMatch(/^Ran 41 tests in/m)
    expect(stderr).toMatch(/^OK$/m)
  },
)

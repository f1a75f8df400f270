import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildChild, killUnderLoad } from '../collector/src/crash.test-support.ts'
import { type Bench, quick } from './bench.ts'

export const name = 'What kill -9 under load costs'

const rounds = quick ? 5 : 300
/** Answers that the senders have got when the process dies: any number up to this. */
const mostAnswers = 80

/** Fails when an acknowledged span is missing, or there twice; `npm test` does the same 20 times. */
export const run: Bench['run'] = async (print, figure) => {
  const folder = await mkdtemp(join(tmpdir(), 'pingtrace-bench-'))
  const { script, remove } = await buildChild()
  try {
    const killAfter = Array.from({ length: rounds }, () => Math.floor(Math.random() * mostAnswers))
    const { acknowledgedSpans, cuts, sealedSegments } = await killUnderLoad(
      script,
      folder,
      killAfter,
    )
    print(
      `killed ${rounds} times: all ${acknowledgedSpans} acknowledged spans are there, each once; ` +
        `${cuts} deaths cut a write short, ${sealedSegments} segments were sealed`,
    )
    figure({
      what: `kill -9 under load, ${rounds} times`,
      value: `0 of ${acknowledgedSpans.toLocaleString('en')} acknowledged spans lost`,
      how: `8 senders, killed after up to ${mostAnswers} answers, started again on the same folder`,
    })
  } finally {
    remove()
    await rm(folder, { recursive: true, force: true })
  }
}

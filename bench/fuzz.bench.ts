import { fuzz, type Kind } from '../collector/bench/fuzz.ts'
import { type Bench, quick } from './bench.ts'

export const name = 'What mutated requests of real exporters do to the readers'

const kinds: Kind[] = ['protobuf', 'JSON', 'gRPC framing']

/** Fails at the first case that is not let through or refused in words, within two seconds. */
export const run: Bench['run'] = async (print, figure) => {
  const count = quick ? 20_000 : 1_000_000
  const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31)
  print(`FC_SEED=${seed} makes these cases again`)
  for (const kind of kinds) {
    const { tried, taken, slowestMs } = await fuzz(kind, count, seed)
    const megabytes = Math.round(process.memoryUsage().rss / 1e6)
    const share = ((taken / tried) * 100).toFixed(1)
    print(
      `${kind.padEnd(12)} ${tried} cases, ${share} % let through, none failed; ` +
        `slowest ${slowestMs.toFixed(1)} ms, ${megabytes} MB of memory then`,
    )
  }
  figure({
    what: 'mutated requests',
    value: `${(count * kinds.length).toLocaleString('en')} cases, no crash and no hang`,
    how: 'recorded requests of other exporters, changed in one to four places; protobuf, JSON, gRPC framing',
  })
}

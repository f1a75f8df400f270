import { buildStale } from './build-stale.ts'

const built = await buildStale()
console.log(
  built.length === 0 ? 'pingtrace: nothing to build' : `pingtrace: built ${built.join(', ')}`,
)

import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import type { Faults } from './faults.ts'
import type { FlushHook } from './flush-hook.ts'
import { health } from './health.ts'
import type { Leg } from './legs/leg.ts'
import { MAX_LETTERS, randomLength, randomLetters } from './legs/random-letters.ts'
import { problem } from './problem.ts'
import { errorType, serverSpan, serverTiming } from './tracing/index.ts'

export interface AppOptions {
  redis: Leg
  mongodb: Leg
  /** Origins of pages that may call, and read the answers. */
  allowedOrigins: readonly string[]
  /** Names of the legs whose server is the embedded one. */
  embedded: ReadonlySet<string>
  /** What `POST /pingtrace/flush` does; without it there is no such route. */
  flush?: FlushHook | undefined
  /** What `POST /pingtrace/faults` breaks; without it there is no such route. */
  faults?: Faults | undefined
}

/** The API, without a port: routes, and what stands in front of them. */
export function createApp(options: AppOptions): Hono {
  const { redis, mongodb, allowedOrigins, embedded, flush, faults } = options
  const app = new Hono()

  // First, so that a preflight is answered here and makes no span.
  const pages = allowPages(allowedOrigins, ['traceparent', 'tracestate', 'content-type'])
  const pagesUntraced = allowPages(allowedOrigins, ['content-type'])
  app.use((c, next) => (faults?.is('cors') ? pagesUntraced : pages)(c, next))

  // Before the tracing, because whoever watches over the API asks this all the time.
  app.get('/health', async (c) => c.json(await health([redis, mongodb], embedded)))
  if (flush !== undefined) {
    app.post('/pingtrace/flush', async (c) => c.json(await flush(c.req.queries('traceId'))))
  }

  if (faults !== undefined) app.post('/pingtrace/faults', (c) => faults.answer(c))

  app.use(serverSpan())
  app.use(serverTiming(allowedOrigins))

  app.get('/ping', async (c) => {
    const length = randomLength()
    const failed = await runAll([redis, mongodb], length)
    return failed.length > 0 ? unavailable(c, failed) : c.text(randomLetters(length))
  })

  app.get('/redis/:length', (c) => runAlone(c, redis))
  app.get('/mongo/:length', (c) => runAlone(c, mongodb))

  app.notFound((c) => {
    return problem(c, 404, 'Not Found', `There is no ${c.req.method} ${c.req.path} here.`)
  })
  app.onError((error, c) => {
    console.error(error)
    return problem(c, 500, 'Internal Server Error', 'The log and the trace say more.')
  })
  return app
}

function allowPages(origins: readonly string[], allowHeaders: string[]) {
  return cors({
    origin: [...origins],
    allowMethods: ['GET'],
    allowHeaders,
    exposeHeaders: ['Content-Length', 'Server-Timing'],
    maxAge: 7_200,
  })
}

interface FailedLeg {
  leg: string
  /** A system error code such as ECONNREFUSED, or the class of the error. */
  reason: string
}

/** One after the other, as in the article; a leg that fails keeps no other from its turn. */
async function runAll(legs: Leg[], length: number): Promise<FailedLeg[]> {
  const failed: FailedLeg[] = []
  for (const leg of legs) {
    try {
      await leg.run(length)
    } catch (error) {
      failed.push({ leg: leg.name, reason: errorType(error) })
    }
  }
  return failed
}

async function runAlone(c: Context, leg: Leg): Promise<Response> {
  const length = Number(c.req.param('length'))
  if (!/^\d+$/.test(c.req.param('length') ?? '') || length < 1 || length > MAX_LETTERS) {
    const detail = `The length must be a whole number from 1 to ${MAX_LETTERS}.`
    return problem(c, 400, 'Bad Request', detail)
  }
  try {
    return c.text(await leg.run(length))
  } catch (error) {
    return unavailable(c, [{ leg: leg.name, reason: errorType(error) }])
  }
}

/** The span of the leg has the error's message; here it might tell strangers too much. */
function unavailable(c: Context, failed: FailedLeg[]): Response {
  const detail = failed.map(({ leg, reason }) => `${leg}: ${reason}`).join(', ')
  return problem(c, 503, 'Service Unavailable', detail, { failed })
}

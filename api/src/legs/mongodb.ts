import { type Attributes, type Span, SpanKind } from '@opentelemetry/api'
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '@opentelemetry/semantic-conventions'
import { type Document, MongoClient, MongoServerError } from 'mongodb'
import { traced, withSpan } from '../tracing/index.ts'
import { HEALTH_LIMIT_MS, LEG_LIMIT_MS, type Leg } from './leg.ts'
import { randomLetters } from './random-letters.ts'
import { TimeLimitError, within } from './within.ts'

const DATABASE = 'opentelemetry-tests'
const COLLECTION = 'tests'

/** The driver gives up well before us, because it knows the reason; our limit is the last resort. */
const DRIVER_LIMIT_MS = LEG_LIMIT_MS - 300

/**
 * The MongoDB leg. It connects when it is first needed, and again whenever it must.
 * @param url mongodb://[user:password@]host[:port][/...]
 * @throws MongoParseError when `url` is no such thing
 */
export function mongodbLeg(url: string): Leg {
  const client = new MongoClient(url, {
    appName: 'pingtrace-api',
    // How long to look for a server (the article gives it 2,000), and to wait for what it says.
    serverSelectionTimeoutMS: DRIVER_LIMIT_MS,
    connectTimeoutMS: DRIVER_LIMIT_MS,
    socketTimeoutMS: DRIVER_LIMIT_MS,
  })
  const [server] = client.options.hosts
  const host = server?.host ?? 'localhost'
  const port = server?.port ?? 27_017
  const address = `${host}:${port}`

  // What the driver's look-out saw last: the reason, when no server was found in time.
  let lastFailure: Error | undefined
  client.on('serverHeartbeatFailed', ({ failure }) => {
    lastFailure = failure
  })
  client.on('serverHeartbeatSucceeded', () => {
    lastFailure = undefined
  })

  const ask = async <Answer>(ms: number, question: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await within(ms, `MongoDB at ${address}`, async () => {
        // The driver would connect by itself, but only once: when its first attempt fails, every
        // later operation does too, until somebody calls `connect`.
        await client.connect()
        return question()
      })
    } catch (error) {
      throw error instanceof TimeLimitError ? (lastFailure ?? error) : error
    }
  }

  const findOne = (length: number) =>
    withSpan(
      'server mongo operation',
      { kind: SpanKind.CLIENT, attributes: attributes(host, port) },
      async (span) => {
        try {
          await ask(LEG_LIMIT_MS, () => client.db(DATABASE).collection(COLLECTION).findOne())
          return randomLetters(length)
        } catch (error) {
          recordStatusCode(span, error)
          throw error
        }
      },
    )

  return {
    name: 'mongodb',
    address,
    run: traced('mongo_integration', {}, findOne),
    identify: async () =>
      describe(await ask(HEALTH_LIMIT_MS, () => client.db('admin').command({ buildInfo: 1 }))),
    close: () => client.close(),
  }
}

function attributes(host: string, port: number): Attributes {
  return {
    'db.system.name': 'mongodb',
    'db.operation.name': 'find',
    'db.namespace': DATABASE,
    'db.collection.name': COLLECTION,
    [ATTR_SERVER_ADDRESS]: host,
    [ATTR_SERVER_PORT]: port,
  }
}

/** The number of the server's error, as the conventions want it: a string. */
function recordStatusCode(span: Span, error: unknown): void {
  if (error instanceof MongoServerError && error.code !== undefined) {
    span.setAttribute('db.response.status_code', String(error.code))
  }
}

/** MongoDB tells its version; the embedded server also says in words that it is something else. */
function describe(buildInfo: Document): string {
  return String(buildInfo.description ?? `mongodb ${buildInfo.version}`)
}

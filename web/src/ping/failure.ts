import type { Outcome } from './outcome.ts'

/** Why a call failed, for people. */
export interface Failure {
  /** One sentence: what happened. */
  summary: string
  /** What to do about it. */
  advice?: string
  /** What failed behind the API, where it says so. */
  legs?: FailedLeg[]
}

export interface FailedLeg {
  leg: string
  /** Such as ECONNREFUSED; the span of the leg says more. */
  reason: string
}

/**
 * Why a request failed; undefined when it did not.
 * @param answersAtAll asks the API's server for a sign of life; only called when `fetch` told nothing
 */
export async function explainFailure(
  outcome: Outcome,
  apiUrl: string,
  answersAtAll: () => Promise<boolean>,
): Promise<Failure | undefined> {
  if (outcome.kind === 'answered') {
    return outcome.status < 400 ? undefined : explainAnswer(outcome)
  }
  if (outcome.error.name === 'TimeoutError') {
    return {
      summary: `The API did not answer within ${Math.round(outcome.durationMs / 1000)} seconds.`,
      advice: 'Its log may say what it is waiting for.',
    }
  }
  // `fetch` throws the same TypeError for a server that is away and for an answer that CORS hides.
  if (await answersAtAll()) {
    return {
      summary: `The API at ${apiUrl} answers, but not to this page: probably refused by CORS.`,
      advice: `Put ${pageOrigin()} on the API's list of allowed origins, or open the page where that list expects it.`,
    }
  }
  return {
    summary: `The API cannot be reached at ${apiUrl}.`,
    advice: 'Start it with "npm start"; if it runs, look at its log and at the port.',
  }
}

/** The API says what is wrong in a problem+json (RFC 9457); others may answer in its place. */
function explainAnswer({ status, contentType, body }: Outcome & { kind: 'answered' }): Failure {
  const problem = contentType.startsWith('application/problem+json') ? parseObject(body) : {}
  const title = String(problem.title ?? `The API answered with status ${status}`)
  const legs = readFailedLegs(problem.failed)
  if (legs.length > 0) return { summary: `${title}: not everything behind the API works.`, legs }
  return { summary: problem.detail === undefined ? title : `${title}: ${problem.detail}` }
}

/** The extension member of our API: `"failed": [{ "leg": "redis", "reason": "ECONNREFUSED" }]`. */
function readFailedLegs(value: unknown): FailedLeg[] {
  if (!Array.isArray(value)) return []
  return value.map((item: unknown) => {
    const { leg, reason } = toObject(item)
    return { leg: String(leg), reason: String(reason) }
  })
}

function parseObject(json: string): Record<string, unknown> {
  try {
    return toObject(JSON.parse(json))
  } catch {
    // Not JSON after all: the status must do.
    return {}
  }
}

function toObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function pageOrigin(): string {
  return globalThis.location?.origin ?? 'this page'
}

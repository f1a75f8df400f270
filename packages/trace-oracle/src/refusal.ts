import { ingestTokenVariable, queryTokenVariable } from '@pingtrace/loopback'

/** What a protected collector wants to be shown (docs/deployments.md). */
export interface CollectorTokens {
  /** For reading; by default `PINGTRACE_QUERY_TOKEN`. */
  queryToken?: string | undefined
  /** For sending the test's own spans; by default `PINGTRACE_INGEST_TOKEN`. */
  ingestToken?: string | undefined
}

const variables: Record<keyof CollectorTokens, string> = {
  queryToken: queryTokenVariable,
  ingestToken: ingestTokenVariable,
}

/** The headers that show the token, where there is one. */
export function authorizationOf(token: string | undefined): Record<string, string> {
  return token ? { authorization: `Bearer ${token}` } : {}
}

export function tokensOf(
  { queryToken, ingestToken }: CollectorTokens,
  env: NodeJS.ProcessEnv = process.env,
): CollectorTokens {
  return {
    queryToken: queryToken ?? env[queryTokenVariable],
    ingestToken: ingestToken ?? env[ingestTokenVariable],
  }
}

/** The collector does not let us in. Waiting does not help, so that it ends a test at once. */
export class CollectorRefusal extends Error {
  override name = 'CollectorRefusal'
}

/**
 * Why an answer is a no, in words that say what to set; undefined for any other answer.
 * @param kind of the token that the request had, or should have had
 */
export async function refusalIn(
  response: Response,
  kind: keyof CollectorTokens,
  tokens: CollectorTokens,
): Promise<CollectorRefusal | undefined> {
  if (response.status !== 401 && response.status !== 403) return undefined
  const { origin } = new URL(response.url)
  const what = kind === 'queryToken' ? 'lets nobody read' : 'takes spans of nobody'
  const variable = variables[kind]
  if (response.status === 403) {
    return new CollectorRefusal(`the collector at ${origin} refuses: ${await reasonIn(response)}`)
  }
  return new CollectorRefusal(
    tokens[kind]
      ? `the collector at ${origin} refuses this token: ${variable}, or the option ${kind}, must be what it was started with`
      : `the collector at ${origin} ${what} without a token: set ${variable}, or the option ${kind}`,
  )
}

/** The queries' errors and OTLP's have their message in different places. */
async function reasonIn(response: Response): Promise<string> {
  const text = await response.text()
  try {
    const answer = JSON.parse(text) as { message?: string; error?: { message?: string } }
    return answer.error?.message ?? answer.message ?? text
  } catch {
    return text
  }
}

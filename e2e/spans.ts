import type { SpanTree } from '@pingtrace/trace-oracle/playwright'

// The spans of this project, for whoever describes a trace. A leg that fails is an error at each
// level; which error it is stands on the CLIENT span.

const page = 'pingtrace-web'
const api = 'pingtrace-api'

/** A call of the page, and what it caused behind the API. */
export function call(...children: SpanTree[]): SpanTree {
  return { name: 'client operation', service: page, kind: 'client', children }
}

export function route(name: string, ...children: SpanTree[]): SpanTree {
  return { name, service: api, kind: 'server', children }
}

export const redis: SpanTree = {
  name: 'redis_integration',
  service: api,
  kind: 'internal',
  children: [{ name: 'server redis operation', service: api, kind: 'client' }],
}

export const mongo: SpanTree = {
  name: 'mongo_integration',
  service: api,
  kind: 'internal',
  children: [{ name: 'server mongo operation', service: api, kind: 'client' }],
}

/** One healthy click on Ping. */
export const ping: SpanTree = call(route('/ping', redis, mongo))

/** The step of a test, where the page shows it. */
export function step(name: string, ...children: SpanTree[]): SpanTree {
  return { name, service: 'playwright', children }
}

/** The span itself has failed. @param error what `error.type` says */
export function failed(span: SpanTree, error: boolean | string = true): SpanTree {
  return { ...span, error }
}

/** The span and all that is below it. */
export function down(span: SpanTree): SpanTree {
  return failed({ ...span, ...(span.children && { children: span.children.map(down) }) })
}

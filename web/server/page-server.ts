import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { guarded, reasonToRefuseHost } from '@pingtrace/loopback'
import { Hono } from 'hono'
import type { PageConfig } from '../src/config.ts'
import { injectConfig } from './page-config.ts'

/**
 * Serves the built page under the names of this machine only: a page of another name that resolves
 * to it would be of one origin with ours, and could look into it. Links from anywhere are welcome.
 * @param hosts names besides the loopback ones
 */
export function pageListener(app: Hono, hosts: readonly string[]): RequestListener {
  return guarded(
    getRequestListener(app.fetch),
    (request) => reasonToRefuseHost(request, hosts),
    (reason) => ({ contentType: 'text/plain; charset=utf-8', body: reason }),
  )
}

/**
 * Serves the built page.
 * @param dist the folder that `vite build` wrote
 * @throws Error when there is no build
 */
export function createPageServer(config: PageConfig, dist: string): Hono {
  const page = injectConfig(readPage(dist), config)
  const policy = contentSecurityPolicy(config)
  const app = new Hono()

  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })

  // The page names its assets, so it must always be the newest; `no-cache` still allows a 304.
  app.get('/', (c) =>
    c.html(page, 200, { 'Cache-Control': 'no-cache', 'Content-Security-Policy': policy }),
  )

  // The name of an asset holds a hash of its content: what is behind a name never changes.
  app.use(
    '/assets/*',
    serveStatic({
      root: dist,
      onFound: (_path, c) => {
        c.header('Cache-Control', 'public, max-age=31536000, immutable')
      },
    }),
  )
  return app
}

function readPage(dist: string): string {
  try {
    return readFileSync(join(dist, 'index.html'), 'utf8')
  } catch (cause) {
    throw new Error(`there is no page in ${dist}: run "npm run build"`, { cause })
  }
}

/** Only what the page needs; above all, it talks to no server but the three it is made for. */
function contentSecurityPolicy({ apiUrl, otlpEndpoint, queryUrl }: PageConfig): string {
  const servers = [apiUrl, otlpEndpoint, queryUrl].map((url) => new URL(url).origin)
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${[...new Set(servers)].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

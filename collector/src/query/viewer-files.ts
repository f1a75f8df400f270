import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'

/**
 * The viewer's page talks to the port it came from, and to nothing else. What it shows was sent by
 * strangers' programs: should a name or an attribute ever become markup, no script runs from it.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * Serves a built viewer at `/`: a page named viewer.html, and its assets. What the doctor's rules are is told
 * at `/doctor.html`, where the build has it.
 * @param dir the folder that the build wrote; nothing else in it is served
 * @throws Error when there is no viewer in it
 */
export function viewerFiles(dir: string): Hono {
  const page = readFileSync(join(dir, 'viewer.html'), 'utf8')
  const app = new Hono()

  // The page names its assets, so it must always be the newest.
  app.get('/', (c) =>
    c.html(page, 200, { 'Cache-Control': 'no-cache', 'Content-Security-Policy': policy }),
  )

  for (const name of ['doctor.html', 'doctor.css'].filter((each) => existsSync(join(dir, each)))) {
    app.get(`/${name}`, (c) => {
      const type = name.endsWith('.css') ? 'text/css' : 'text/html; charset=utf-8'
      const headers = { 'Content-Type': type, 'Content-Security-Policy': policy }
      return c.body(readFileSync(join(dir, name), 'utf8'), 200, headers)
    })
  }

  // The name of an asset holds a hash of its content: what is behind a name never changes.
  app.use(
    '/assets/*',
    serveStatic({
      root: dir,
      onFound: (_path, c) => {
        c.header('Cache-Control', 'public, max-age=31536000, immutable')
      },
    }),
  )
  return app
}

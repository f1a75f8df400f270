import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { readPorts } from '@pingtrace/loopback'
import type { Plugin, ViteDevServer } from 'vite'
import type { PageConfig } from '../src/config.ts'
import { injectConfig, pageConfig } from './page-config.ts'

/**
 * In `npm run dev` Vite serves the page, and writes the configuration into it as our server does.
 * The environment is read only then: what is built is the same whatever it says.
 */
export function configurePage(env: NodeJS.ProcessEnv): Plugin {
  let config: PageConfig
  return {
    name: 'configure-page',
    apply: 'serve',
    config: () => {
      config = pageConfig(env)
      return { server: { host: '127.0.0.1', port: readPorts(env).web, strictPort: true } }
    },
    transformIndexHtml: (html) => injectConfig(html, config),
  }
}

/** Vite listens on one address; `localhost` may be the other one, ::1. */
export function listenOnIpv6(): Plugin {
  return {
    name: 'listen-on-ipv6',
    apply: 'serve',
    configureServer: (vite) => () => {
      vite.httpServer?.once('listening', () => openIpv6(vite))
    },
  }
}

function openIpv6(vite: ViteDevServer): void {
  const server = createServer(vite.middlewares)
  // Hot reload comes over a WebSocket, which Vite takes up at its own server.
  server.on('upgrade', (...request) => vite.httpServer?.emit('upgrade', ...request))
  server.on('error', (error) => vite.config.logger.warn(`not on [::1]: ${error.message}`))
  server.listen(vite.config.server.port, '::1')
  vite.httpServer?.once('close', () => server.close())
}

/** What a page may spend on being traced: bytes, gzipped, of ours and OpenTelemetry's together. */
const tracingLimit = 20_000

/** Prints the size of the tracing code that the page loads, and fails the build over the limit. */
export function weighTracing(): Plugin {
  return {
    name: 'weigh-tracing',
    apply: (_config, { command, isSsrBuild }) => command === 'build' && !isSsrBuild,
    writeBundle(_options, bundle) {
      const chunk = Object.values(bundle).find(({ name }) => name === 'tracing')
      if (chunk?.type !== 'chunk') this.error('there is no chunk named "tracing" to weigh')
      const size = gzipSync(chunk.code).length
      console.log(`tracing code in the page: ${size} of at most ${tracingLimit} bytes, gzipped`)
      if (size > tracingLimit) this.error('the tracing code in the page is too large')
    },
  }
}

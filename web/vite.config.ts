import { readPorts } from '@pingtrace/loopback'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { pageConfig } from './server/page-config.ts'
import { configurePage, listenOnIpv6, weighTracing } from './server/vite-plugins.ts'

const ports = readPorts(process.env)

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), configurePage(pageConfig(process.env)), listenOnIpv6(), weighTracing()],
  build: {
    target: 'es2022',
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'tracing',
              test: /[\\/](web[\\/]src[\\/]tracing|trace-context[\\/]src)[\\/]|@opentelemetry/,
            },
          ],
        },
      },
    },
  },
  server: { host: '127.0.0.1', port: ports.web, strictPort: true },
})

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { configurePage, listenOnIpv6, weighTracing } from './server/vite-plugins.ts'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), configurePage(process.env), listenOnIpv6(), weighTracing()],
  build: {
    target: 'es2022',
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'tracing',
              // The ledger is for tests, and loaded by them alone.
              test: /[\\/](web[\\/]src[\\/]tracing|trace-context[\\/]src)[\\/](?!export-ledger)|@opentelemetry/,
            },
          ],
        },
      },
    },
  },
})

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{web,api,collector,scripts}/**/*.test.{ts,tsx}', '{packages,examples}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    setupFiles: ['vitest.setup.ts'],
    // Real sockets and child processes: only what will never happen fails, however busy the machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})

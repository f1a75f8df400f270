import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{web,api,collector,scripts}/**/*.test.{ts,tsx}', 'packages/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    setupFiles: ['vitest.setup.ts'],
    // Real sockets and child processes: a generous limit, because the machine may be small.
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})

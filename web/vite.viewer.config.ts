import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { doctorPage } from './doctor-page.ts'

/**
 * The viewer alone, which the collector serves. A build of its own: as a second page of the first
 * one it would share chunks with it, and make the page of the pings heavier by the seams.
 */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), doctorPage()],
  publicDir: 'public-viewer',
  build: {
    target: 'es2022',
    outDir: 'dist-viewer',
    // It is given away as a package too (scripts/pack).
    license: { fileName: 'third-party-licenses.md' },
    rolldownOptions: { input: join(import.meta.dirname, 'viewer.html') },
  },
})

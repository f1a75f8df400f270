#!/usr/bin/env node
// The collector as a package has it (scripts/pack): with the viewer, which is beside it there.
import { fileURLToPath } from 'node:url'

process.env.PINGTRACE_VIEWER_DIR ||= fileURLToPath(new URL('../viewer', import.meta.url))
await import('../dist/main.js')

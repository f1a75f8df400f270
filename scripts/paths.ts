import { fileURLToPath } from 'node:url'

/** The repository's root, with a trailing slash. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** The viewer that the collector serves: what buildStale built, unless told otherwise. */
export const viewerDir = process.env.PINGTRACE_VIEWER_DIR || `${root}web/dist-viewer`

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Not ours to write, or written by a build. */
const skipped = /^(node_modules|dist.*|packed|test-results|playwright-report|\..+)$/

/**
 * The relative links of all Markdown files below a folder that lead to no file.
 * @returns one complaint each: file and link
 */
export function brokenLinks(folder: string): string[] {
  return markdownFiles(folder).flatMap((file) =>
    linksIn(readFileSync(file, 'utf8'))
      .filter((link) => !existsSync(join(dirname(file), decodeURI(link))))
      .map((link) => `${relative(folder, file)} links to ${link}, which is not there`),
  )
}

function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return skipped.test(entry.name) ? [] : markdownFiles(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

/** Paths of `[text](path#part)`; what has a scheme or is a part of the same page is left out. */
function linksIn(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.split('#')[0] ?? '')
    .filter((path) => path !== '' && !/^[a-z]+:/i.test(path))
}

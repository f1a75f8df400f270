import { readFileSync } from 'node:fs'
import { Marked } from 'marked'
import type { Plugin } from 'vite'

const source = new URL('../docs/doctor.md', import.meta.url)

/** Builds the description of the doctor's rules into a page, which the link of a finding leads to. */
export function doctorPage(): Plugin {
  return {
    name: 'doctor-page',
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: 'doctor.html',
        source: pageOf(readFileSync(source, 'utf8')),
      })
    },
  }
}

/** A heading can be linked to as GitHub does it; links into the repository lead nowhere here. */
export function pageOf(markdown: string): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        const id = text
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-')
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens)
        return /^(https?:|#)/.test(href) ? `<a href="${href}">${text}</a>` : text
      },
    },
  })
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>The doctor's rules, pingtrace</title>
<link rel="stylesheet" href="/doctor.css">
<main>
${marked.parse(markdown, { async: false })}</main>
</html>
`
}

import { writeFile } from 'node:fs/promises'
import type { TestInfo } from '@playwright/test'
import { describeFinding, summarizeFindings } from '../describe-finding.ts'
import type { Trace } from '../trace.ts'

/** What the HTML report shows of the traced steps of a test. */
export class StepReport {
  readonly #info: TestInfo
  readonly #traces: Trace[] = []

  constructor(info: TestInfo) {
    this.#info = info
  }

  /** The waterfall as a picture, a link to the trace, and what the doctor says of it, also of a test that passes. */
  async add(trace: Trace): Promise<void> {
    this.#traces.push(trace)
    for (const url of trace.urls) {
      this.#info.annotations.push({ type: 'trace', description: url })
    }
    const { name, findings } = trace
    if (findings.length > 0) {
      const description = `${name}: ${summarizeFindings(findings)}`
      this.#info.annotations.push({ type: 'doctor', description })
      const body = findings.map(describeFinding).join('\n\n')
      await this.#info.attach(`doctor: ${name}`, { body, contentType: 'text/plain' })
    }
    const body = trace.svg()
    await this.#info.attach(`trace: ${name}`, { body, contentType: 'image/svg+xml' })
  }

  /** The traces of a test that has failed, as OTLP JSON: their collector may be gone by then. */
  async end(): Promise<void> {
    if (this.#info.status === this.#info.expectedStatus) return
    for (const [index, { name, otlp }] of this.#traces.entries()) {
      // A file, which the report links to; it would show a text as text.
      const path = this.#info.outputPath(`trace-${index + 1}.otlp.json`)
      await writeFile(path, JSON.stringify(otlp))
      await this.#info.attach(`${name}.otlp.json`, { path, contentType: 'application/json' })
    }
  }
}

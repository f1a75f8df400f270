import { TracesScan } from '../otlp/scan.ts'

/** Requests that may keep what their scan noted; a scan of small requests takes 60 kB, of large ones 1 MB. */
const most = 8

const nothing = new Uint8Array()

/** Scans that are used again. */
export class ScanPool {
  readonly #free: TracesScan[] = []
  #count = 0

  /** To be given back; undefined when as many are in use as may be. */
  take(): TracesScan | undefined {
    const free = this.#free.pop()
    if (free !== undefined || this.#count === most) return free
    this.#count++
    return new TracesScan()
  }

  giveBack(scan: TracesScan | undefined): void {
    if (scan === undefined) return
    // It still points into the request's bytes, up to 20 MiB, and may be long idle: let them go.
    scan.scan(nothing)
    this.#free.push(scan)
  }
}

import type { TracesScan } from '../otlp/scan.ts'
import { AttributeKeys } from './attribute-keys.ts'
import type { AttributeProbes } from './block-keys.ts'

/** As many as there are bits in a number; more are not looked for, which is right, only slower. */
const maxProbes = 30

/** Tells by hashes alone which spans of a record cannot have all the attributes that are wanted. */
export class AttributeProber {
  readonly probes: AttributeProbes
  readonly #bits = new Map<number, number>()
  readonly #all: number
  readonly #keys = new AttributeKeys((hash) => {
    this.#found |= this.#bits.get(hash) ?? 0
  })
  #found = 0
  /** The resource and the scope that were looked at last, and what they have. */
  #resource = -1
  #scope = -1
  #ofResource = 0
  #ofScope = 0

  constructor(probes: AttributeProbes) {
    this.probes = probes.slice(0, maxProbes)
    this.#all = 2 ** this.probes.length - 1
    for (const [i, hashes] of this.probes.entries()) {
      for (const hash of hashes) this.#bits.set(hash, (this.#bits.get(hash) ?? 0) | (1 << i))
    }
  }

  /** To be called before another record is looked at. */
  reset(): void {
    this.#resource = -1
    this.#scope = -1
  }

  /** Whether span `i` of a scanned record may have them: false is sure. */
  mayHave(payload: Uint8Array, scan: TracesScan, i: number): boolean {
    if (this.#all === 0) return true
    const resource = scan.resourceOf[i]!
    const scope = scan.scopeOf[i]!
    if (resource !== this.#resource) {
      this.#found = 0
      this.#keys.visitResource(payload, scan, resource)
      this.#ofResource = this.#found
      this.#resource = resource
    }
    if (scope !== this.#scope) {
      this.#found = 0
      this.#keys.visitScope(payload, scan, scope)
      this.#ofScope = this.#found
      this.#scope = scope
    }
    this.#found = this.#ofResource | this.#ofScope
    if (this.#found !== this.#all) this.#keys.visitSpan(payload, scan, i)
    return this.#found === this.#all
  }
}

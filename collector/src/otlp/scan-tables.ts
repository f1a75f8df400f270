const FIRST_CAPACITY = 1024
/** Tables beyond this many entries are let go before the next request: a megabyte of them. */
const KEPT_CAPACITY = 16_384

/** The tables that a scan fills: struct of arrays, since an object per span would cost more than it. */
export class ScanTables {
  spanCount = 0
  resourceCount = 0
  scopeCount = 0

  /** The body of the Span message, without tag and length. */
  spanOffset = new Uint32Array(FIRST_CAPACITY)
  spanLength = new Uint32Array(FIRST_CAPACITY)
  /** -1: absent, not 16 bytes long, or all zero. */
  traceIdOffset = new Int32Array(FIRST_CAPACITY)
  /** -1: absent, not 8 bytes long, or all zero. */
  spanIdOffset = new Int32Array(FIRST_CAPACITY)
  /** -1: none, which is absent, not 8 bytes long, or all zero. */
  parentIdOffset = new Int32Array(FIRST_CAPACITY)
  nameOffset = new Uint32Array(FIRST_CAPACITY)
  nameLength = new Uint32Array(FIRST_CAPACITY)
  /** Enums are open: any number that fits a byte, 0 in place of others. */
  kind = new Uint8Array(FIRST_CAPACITY)
  statusCode = new Uint8Array(FIRST_CAPACITY)
  /** Nanoseconds since the Unix epoch, the lower and the upper 32 bits. */
  startLow = new Uint32Array(FIRST_CAPACITY)
  startHigh = new Uint32Array(FIRST_CAPACITY)
  endLow = new Uint32Array(FIRST_CAPACITY)
  endHigh = new Uint32Array(FIRST_CAPACITY)
  /** Index into the tables of ResourceSpans and of ScopeSpans below. */
  resourceOf = new Uint32Array(FIRST_CAPACITY)
  scopeOf = new Uint32Array(FIRST_CAPACITY)

  /** The body of the Resource message; -1: absent. */
  resourceOffset = new Int32Array(FIRST_CAPACITY)
  resourceLength = new Uint32Array(FIRST_CAPACITY)
  /** -1: absent. */
  resourceSchemaUrlOffset = new Int32Array(FIRST_CAPACITY)
  resourceSchemaUrlLength = new Uint32Array(FIRST_CAPACITY)
  /** The text of `service.name`; -1: absent or not a string. */
  serviceOffset = new Int32Array(FIRST_CAPACITY)
  serviceLength = new Uint32Array(FIRST_CAPACITY)

  /** The body of the InstrumentationScope message; -1: absent. */
  scopeOffset = new Int32Array(FIRST_CAPACITY)
  scopeLength = new Uint32Array(FIRST_CAPACITY)
  /** -1: absent. */
  scopeSchemaUrlOffset = new Int32Array(FIRST_CAPACITY)
  scopeSchemaUrlLength = new Uint32Array(FIRST_CAPACITY)

  /** Empties the tables; one odd request must not hold their memory for ever. */
  protected reset(): void {
    this.spanCount = 0
    this.resourceCount = 0
    this.scopeCount = 0
    if (this.spanOffset.length > KEPT_CAPACITY) this.resizeSpans(FIRST_CAPACITY)
    if (this.resourceOffset.length > KEPT_CAPACITY) this.resizeResources(FIRST_CAPACITY)
    if (this.scopeOffset.length > KEPT_CAPACITY) this.resizeScopes(FIRST_CAPACITY)
  }

  protected resizeSpans(capacity: number): void {
    this.spanOffset = resized(this.spanOffset, capacity)
    this.spanLength = resized(this.spanLength, capacity)
    this.traceIdOffset = resized(this.traceIdOffset, capacity)
    this.spanIdOffset = resized(this.spanIdOffset, capacity)
    this.parentIdOffset = resized(this.parentIdOffset, capacity)
    this.nameOffset = resized(this.nameOffset, capacity)
    this.nameLength = resized(this.nameLength, capacity)
    this.kind = resized(this.kind, capacity)
    this.statusCode = resized(this.statusCode, capacity)
    this.startLow = resized(this.startLow, capacity)
    this.startHigh = resized(this.startHigh, capacity)
    this.endLow = resized(this.endLow, capacity)
    this.endHigh = resized(this.endHigh, capacity)
    this.resourceOf = resized(this.resourceOf, capacity)
    this.scopeOf = resized(this.scopeOf, capacity)
  }

  protected resizeResources(capacity: number): void {
    this.resourceOffset = resized(this.resourceOffset, capacity)
    this.resourceLength = resized(this.resourceLength, capacity)
    this.resourceSchemaUrlOffset = resized(this.resourceSchemaUrlOffset, capacity)
    this.resourceSchemaUrlLength = resized(this.resourceSchemaUrlLength, capacity)
    this.serviceOffset = resized(this.serviceOffset, capacity)
    this.serviceLength = resized(this.serviceLength, capacity)
  }

  protected resizeScopes(capacity: number): void {
    this.scopeOffset = resized(this.scopeOffset, capacity)
    this.scopeLength = resized(this.scopeLength, capacity)
    this.scopeSchemaUrlOffset = resized(this.scopeSchemaUrlOffset, capacity)
    this.scopeSchemaUrlLength = resized(this.scopeSchemaUrlLength, capacity)
  }
}

type Table = Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>

function resized<T extends Table>(table: T, capacity: number): T {
  const Constructor = table.constructor as new (capacity: number) => T
  const copy = new Constructor(capacity)
  copy.set(table.subarray(0, capacity))
  return copy
}

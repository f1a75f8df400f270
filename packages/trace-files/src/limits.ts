/** A larger file would take the page's memory; it can be imported into the collector. */
export const maxFileBytes = 100 * 1024 * 1024

/** Spans in a file. */
export const maxSpans = 250_000

/** The official Collector's default; it counts before and after decompression. */
export const maxRequestBytes = 20 * 1024 * 1024

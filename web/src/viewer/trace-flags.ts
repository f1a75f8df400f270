/** The low byte is W3C Trace Context's, the bits above it are OTLP's (trace.proto, SpanFlags). */
const sampled = 0x01
const random = 0x02
const knowsRemote = 0x100
const isRemote = 0x200

/** A span's flags: in hex, and in words what is known of them. */
export function flagsText(flags: number): string {
  const hex = (flags & 0xff).toString(16).padStart(2, '0')
  const words = [
    (flags & sampled) !== 0 ? 'sampled' : 'not sampled',
    // The SDK for JavaScript propagates this bit as it is told, but exports the sampled one alone.
    (flags & random) !== 0 ? 'random trace id' : 'its sender does not say whether its id is random',
  ]
  return `${hex}: ${words.join('; ')}`
}

/** Where the parent ran; undefined where the sender does not say. */
export function parentPlace(flags: number): string | undefined {
  if ((flags & knowsRemote) === 0) return undefined
  return (flags & isRemote) !== 0 ? 'in another process' : 'in the same process'
}

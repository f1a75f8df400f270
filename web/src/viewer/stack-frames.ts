/** Lines of a stack that belong together. */
export interface StackPart {
  /**
   * - `message`: what is no frame; the error's own words, or those of its cause
   * - `own`: of the application
   * - `foreign`: of libraries and the runtime; folded, since the mistake is seldom there
   */
  kind: 'message' | 'own' | 'foreign'
  lines: string[]
}

/**
 * A frame, as JavaScript and Java (`at …`), Python (`File "…", line 3`), Go and Firefox write it. Each
 * part can end in one place only: a sender's line may be a megabyte, and must not take its square.
 */
const frame = /^\s*(at\s|File\s"|\S+\.go:\d+|[^\s@]*@\S+:\d+)/
/** The source line below a frame of Python's. */
const sourceLine = /^\s{4,}\S/

/** Where package managers and runtimes keep what is not the application's. */
const foreign =
  /[\\/](node_modules|site-packages|dist-packages|vendor|go[\\/]pkg[\\/]mod)[\\/]|\(?(node|bun|deno|ext):|\blib[\\/]python\d|\(<anonymous>\)|<frozen |^\s*at\s+(java\.base\/)?(java|javax|jdk|sun|kotlin|scala|org\.springframework|io\.netty)\.|[\\/]usr[\\/]local[\\/]go[\\/]|\binternal[\\/](process|modules|timers|main)\b/

/** Takes a stack trace of any language apart; nothing of it is lost, and nothing is reordered. */
export function stackParts(stack: string): StackPart[] {
  const parts: StackPart[] = []
  let last: StackPart['kind'] = 'message'
  let isPython = false
  for (const line of stack.split('\n')) {
    let kind: StackPart['kind'] = 'message'
    if (frame.test(line)) {
      kind = foreign.test(line) ? 'foreign' : 'own'
      isPython = /^\s*File\s"/.test(line)
    } else if (isPython && last !== 'message' && sourceLine.test(line)) kind = last
    const part = parts.at(-1)
    if (part?.kind === kind) part.lines.push(line)
    else parts.push({ kind, lines: [line] })
    last = kind
  }
  return parts
}

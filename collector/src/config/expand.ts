type Environment = Record<string, string | undefined>

export interface Expanded {
  text: string
  /** The text is the whole of a variable: it is read as YAML where a number or list is asked for. */
  isWhole: boolean
}

/** What the official Collector allows before it suspects a circle. */
const maxExpansions = 1_000
/** A variable that names itself twice doubles each time: it must not get to fill the memory. */
const maxLength = 65_536

/**
 * Expands `${env:NAME}`, `${env:NAME:-default}` and `${NAME}` as the official Collector does
 * (its confmap/expand.go, 0.151): the innermost first, what comes out again, `$$` for one `$`,
 * and nothing without braces. A variable that is not set is empty.
 * @throws Error that names what cannot be expanded
 */
export function expand(text: string, env: Environment): Expanded {
  let expanded = text
  let isWhole = false
  for (let count = 0; ; count++) {
    const uri = findUri(expanded)
    if (uri === undefined) break
    if (count === maxExpansions)
      throw new Error('too many expansions: does a variable name itself?')
    const value = lookUp(uri.slice(2, -1), env)
    if (uri === expanded) isWhole = true
    expanded = expanded.replaceAll(uri, () => value)
    if (expanded.length > maxLength) throw new Error(`over ${maxLength} characters when expanded`)
  }
  return { text: expanded.replaceAll('$$', () => '$'), isWhole }
}

/** The first `${...}` without another one inside; none, as over there, once an escaped one is met. */
function findUri(text: string): string | undefined {
  const close = text.indexOf('}')
  if (close === -1) return undefined
  const open = text.lastIndexOf('${', close)
  if (open === -1) {
    const later = findUri(text.slice(close + 1))
    return later
  }
  let dollars = 0
  while (text[open - 1 - dollars] === '$') dollars++
  return dollars % 2 === 1 ? undefined : text.slice(open, close + 1)
}

function lookUp(uri: string, env: Environment): string {
  const [, scheme = 'env', rest = uri] = /^([A-Za-z][A-Za-z0-9+.-]+):(.*)$/s.exec(uri) ?? []
  if (scheme !== 'env') {
    throw new Error(
      `\${${scheme}:...} is not run here, only \${env:NAME} and \${env:NAME:-default}`,
    )
  }
  if (rest.includes('$')) throw new Error(`"${uri}" has a $ in it`)
  const [name = '', ...fallback] = rest.split(':-')
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`"${name}" is no name of a variable`)
  return env[name] ?? fallback.join(':-')
}

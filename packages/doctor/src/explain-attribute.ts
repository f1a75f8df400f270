import { conventionBriefs } from './convention-briefs.ts'
import { conventionsVersion, deprecatedNames } from './semantic-conventions.ts'

export { conventionsVersion }

/** What the semantic conventions say of an attribute's name. */
export interface AttributeMeaning {
  stability: 'stable' | 'development' | 'deprecated'
  /** What it means; of a deprecated one, what to use instead. */
  brief: string
}

/** Undefined for a name that is in no convention: an application's own. */
export function explainAttribute(name: string): AttributeMeaning | undefined {
  return lookUp(meanings, name)
}

const meanings: ReadonlyMap<string, AttributeMeaning> = new Map([
  ...[...deprecatedNames].map(([name, brief]) => meaning(name, 'deprecated', brief)),
  ...conventionBriefs
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', stability, ...words] = line.split(' ')
      return meaning(name, stability === 'stable' ? 'stable' : 'development', words.join(' '))
    }),
])

function meaning(
  name: string,
  stability: AttributeMeaning['stability'],
  brief: string,
): [string, AttributeMeaning] {
  return [name, { stability, brief }]
}

/** Families end in a dot: of `http.request.header.accept` it is `http.request.header.`. */
function lookUp<T>(table: ReadonlyMap<string, T>, name: string): T | undefined {
  const direct = table.get(name)
  if (direct !== undefined) return direct
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const family = table.get(name.slice(0, dot + 1))
    if (family !== undefined) return family
  }
  return undefined
}

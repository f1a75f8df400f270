import type { Source } from '../source/source.ts'

export interface ExampleQuery {
  label: string
  query: string
}

/**
 * Questions to begin with, each of which shows one thing that the language can do.
 * @param source each is one that it can be asked
 * @param service one that has sent something, if any has
 */
export function exampleQueries(service: string | undefined, source: Source): ExampleQuery[] {
  const examples =
    source === 'collector'
      ? [
          { label: 'Errors', query: '{ status = error }' },
          { label: 'Slower than 500 ms', query: '{ trace:duration > 500ms }' },
          { label: 'A server that fails below', query: '{ kind = server } >> { status = error }' },
        ]
      : [
          { label: 'Errors', query: '{ status = error }' },
          { label: 'A span over 500 ms', query: '{ duration > 500ms }' },
          { label: 'A server that fails', query: '{ kind = server && status = error }' },
        ]
  if (service === undefined) return examples
  const name = JSON.stringify(service)
  return [
    ...examples,
    { label: `Service ${service}`, query: `{ resource.service.name = ${name} }` },
  ]
}

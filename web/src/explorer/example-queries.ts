export interface ExampleQuery {
  label: string
  query: string
}

/**
 * Questions to begin with, each of which shows one thing that the language can do.
 * @param service one that has sent something, if any has
 */
export function exampleQueries(service: string | undefined): ExampleQuery[] {
  const examples = [
    { label: 'Errors', query: '{ status = error }' },
    { label: 'Slower than 500 ms', query: '{ trace:duration > 500ms }' },
    { label: 'A server that fails below', query: '{ kind = server } >> { status = error }' },
  ]
  if (service === undefined) return examples
  const name = JSON.stringify(service)
  return [
    ...examples,
    { label: `Service ${service}`, query: `{ resource.service.name = ${name} }` },
  ]
}

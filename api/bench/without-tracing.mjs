// A module hook (node:module, "Customization hooks"): whoever imports the API's tracing folder gets
// no-tracing.ts. An option of the application would do it too, but only the bench would want it.
const replacement = new URL('./no-tracing.ts', import.meta.url).href

export async function resolve(specifier, context, nextResolve) {
  const found = await nextResolve(specifier, context)
  const replaced = new URL(found.url).pathname.endsWith('/api/src/tracing/index.ts')
  return replaced ? { ...found, url: replacement } : found
}

import type { Attributes } from './span.ts'

/** As deep as a protobuf parser goes; a value nested deeper was made to overflow somebody's stack. */
export const maxDepth = 100

/** What stands for a value that is nested deeper. */
export const tooDeep = '(nested too deeply)'

/**
 * A map without a prototype that has anything, because keys are a stranger's: `__proto__` is a key
 * like any other. Made by a constructor, for which engines keep compact objects: what `Object.create(null)`
 * gives is a hash table, several times as large.
 */
class NoPrototype {}
Object.setPrototypeOf(NoPrototype.prototype, null)
Reflect.deleteProperty(NoPrototype.prototype, 'constructor')

export function emptyAttributes(): Attributes {
  return new NoPrototype() as Attributes
}

/** What a service is called by its resource. */
export function serviceOf({ 'service.name': name }: Attributes): string {
  return typeof name === 'string' && name !== '' ? name : 'unknown_service'
}

/**
 * The services of a trace, in order of first arrival, as one small number a trace: traces with the
 * same services share a list, and a list is its last service and the list before it.
 */
export class ServiceLists {
  static readonly empty = 0
  readonly #before = [-1]
  readonly #service = [-1]
  /** What adding a service to a list gives; remembered, because the same few repeat endlessly. */
  readonly #after = new Map<number, number>()

  /** The list with the service added, or the same list where it was in it. */
  with(list: number, service: number): number {
    if (this.#service[list] === service) return list
    const key = list * 2 ** 26 + service
    const known = this.#after.get(key)
    if (known !== undefined) return known
    const result = this.#has(list, service) ? list : this.#append(list, service)
    this.#after.set(key, result)
    return result
  }

  services(list: number): number[] {
    const services: number[] = []
    for (let at = list; at !== ServiceLists.empty; at = this.#before[at]!) {
      services.push(this.#service[at]!)
    }
    return services.reverse()
  }

  #has(list: number, service: number): boolean {
    for (let at = list; at !== ServiceLists.empty; at = this.#before[at]!) {
      if (this.#service[at] === service) return true
    }
    return false
  }

  #append(list: number, service: number): number {
    this.#before.push(list)
    return this.#service.push(service) - 1
  }
}

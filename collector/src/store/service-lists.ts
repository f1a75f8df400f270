export interface ServiceListLinks {
  before: number[]
  service: number[]
}

/**
 * The services of a trace, in order of first arrival, as one small number a trace: traces with the
 * same services share a list, and a list is its last service and the list before it.
 */
export class ServiceLists {
  static readonly empty = 0
  readonly #before: number[]
  readonly #service: number[]
  /** What adding a service to a list gives; remembered, because the same few repeat endlessly. */
  readonly #after = new Map<number, number>()

  /** @param links what `links` gave of the lists that are to be there */
  constructor(links: ServiceListLinks = { before: [-1], service: [-1] }) {
    this.#before = links.before
    this.#service = links.service
  }

  /** By list: the list before it, and its last service. */
  get links(): Readonly<ServiceListLinks> {
    return { before: this.#before, service: this.#service }
  }

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
    for (let at = list; at > ServiceLists.empty; at = this.#before[at] ?? ServiceLists.empty) {
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

/** How many spans each of the requests that wait has, oldest first, and all of them together. */
export class SpanTally {
  #counts: number[] = []
  #first = 0
  #spans = 0

  get spans(): number {
    return this.#spans
  }

  get requests(): number {
    return this.#counts.length - this.#first
  }

  push(spans: number): void {
    this.#counts.push(spans)
    this.#spans += spans
  }

  /** @param index counted from the oldest */
  at(index: number): number {
    return this.#counts[this.#first + index] ?? 0
  }

  /** Takes the oldest requests away. @returns how many spans they had */
  shift(requests: number): number {
    let spans = 0
    for (let i = 0; i < requests; i++) spans += this.at(i)
    this.#first = Math.min(this.#first + requests, this.#counts.length)
    this.#spans -= spans
    // Now and then, so that each request is moved once or twice, not once for each that goes.
    if (this.#first > 1_024 && this.#first > this.#counts.length / 2) {
      this.#counts = this.#counts.slice(this.#first)
      this.#first = 0
    }
    return spans
  }
}

import type { BrowserHistory } from './selection.ts'

/** An address bar with its history, as a browser has it. */
export class FakeBrowser extends EventTarget implements BrowserHistory {
  entries: string[]
  #index = 0

  constructor(href: string) {
    super()
    this.entries = [href]
  }

  get location(): { href: string } {
    return { href: this.entries[this.#index]! }
  }

  readonly history = {
    pushState: (_data: unknown, _title: string, url?: string | URL | null): void => {
      this.entries = [...this.entries.slice(0, ++this.#index), String(url)]
    },
    replaceState: (_data: unknown, _title: string, url?: string | URL | null): void => {
      this.entries[this.#index] = String(url)
    },
  }

  back(): void {
    this.#go(-1)
  }

  forward(): void {
    this.#go(1)
  }

  #go(steps: number): void {
    this.#index += steps
    this.dispatchEvent(new Event('popstate'))
  }
}

/** What a page aims at: one server, a path that answers GET, and what it would like to have stored. */
export interface Target {
  get: string
  post: string
  body: string
}

/**
 * Everything that a page may do to a server of another origin without asking anybody, each way once.
 * Runs in the page: `page.evaluate(attempts, target)`, so it stands alone.
 * @returns what each attempt let the page see; `nothing` is what the browser shows of a server that
 * is not there as well
 */
export async function attempts({ get, post, body }: Target): Promise<Record<string, string>> {
  const nothing = 'nothing'
  const first = (target: EventTarget, ...types: string[]) =>
    new Promise<string>((resolve) => {
      for (const type of types) target.addEventListener(type, () => resolve(type), { once: true })
    })
  const read = (input: string, init?: RequestInit) =>
    fetch(input, init).then(
      async (response) => {
        const text = await response.text()
        return response.status === 0 && text === '' ? nothing : `${response.status} ${text}`
      },
      () => nothing,
    )
  const load = async <Name extends 'img' | 'script' | 'link'>(
    name: Name,
    properties: Partial<HTMLElementTagNameMap[Name]>,
  ) => {
    const element = Object.assign(document.createElement(name), properties)
    const event = first(element, 'load', 'error')
    document.body.append(element)
    return (await event) === 'error' ? nothing : 'loaded'
  }
  const frame = async (fill: (frame: HTMLIFrameElement) => void, src?: string) => {
    const element = document.createElement('iframe')
    element.name = `frame ${Math.random()}`
    if (src !== undefined) element.src = src
    const loaded = src === undefined ? undefined : first(element, 'load')
    document.body.append(element)
    const event = loaded ?? first(element, 'load')
    fill(element)
    await event
    return element.contentDocument?.body.textContent ?? nothing
  }
  const submit = (method: string, action: string) =>
    frame(({ name }) => {
      const form = document.createElement('form')
      Object.assign(form, { method, action, enctype: 'text/plain', target: name })
      form.append(Object.assign(document.createElement('input'), { name: body }))
      document.body.append(form)
      form.submit()
    })
  const connect = async (source: EventSource | WebSocket) => {
    const event = await first(source, 'open', 'error')
    source.close()
    return event === 'error' ? nothing : 'connected'
  }
  // A beacon tells only that it was taken up; what came of it is for the server to say.
  const beacon = (type: string) => {
    navigator.sendBeacon(post, new Blob([body], { type }))
    return nothing
  }
  const json = { 'content-type': 'application/json' }

  const seen = {
    'beacon of text': beacon('text/plain'),
    'beacon of JSON': beacon('application/json'),
    fetch: read(get),
    'fetch with a trace header': read(get, { headers: { traceparent: `00-${body}` } }),
    'fetch, no-cors': read(get, { mode: 'no-cors' }),
    'POST of JSON': read(post, { method: 'POST', headers: json, body }),
    'POST of text': read(post, { method: 'POST', body }),
    'POST of text, no-cors': read(post, { method: 'POST', mode: 'no-cors', body }),
    image: load('img', { src: get }),
    script: load('script', { src: get }),
    stylesheet: load('link', { rel: 'stylesheet', href: get }),
    frame: frame(() => undefined, get),
    'form, GET': submit('GET', get),
    'form, POST': submit('POST', post),
    EventSource: connect(new EventSource(get)),
    WebSocket: connect(new WebSocket(get.replace('http', 'ws'))),
  }
  // An answer that never ends (the stream's) was an answer.
  const limit = new Promise((resolve) => setTimeout(resolve, 10_000, 'no end'))
  const results = Object.entries(seen).map(async ([name, result]) => {
    return [name, await Promise.race([result, limit])]
  })
  const told = Object.fromEntries(await Promise.all(results)) as Record<string, string>
  const { origin } = new URL(get)
  const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
  const statuses = entries
    .filter(({ name }) => name.startsWith(origin))
    .map((e) => e.responseStatus)
  return {
    ...told,
    'Resource Timing': statuses.find((status) => status !== 0)?.toString() ?? nothing,
  }
}

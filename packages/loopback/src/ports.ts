/** The five ports pingtrace listens on; every endpoint and allow-list is derived from them. */
export interface Ports {
  /** The page. */
  web: number
  /** The Hono API that the page calls. */
  api: number
  /** OTLP over gRPC. */
  otlpGrpc: number
  /** OTLP over HTTP. */
  otlpHttp: number
  /** The collector's queries and live stream. */
  query: number
}

/** The variable that changes each port, and its default: the article's, OTLP's, Jaeger's, Vite's. */
export const portVariables: Record<keyof Ports, { name: string; default: number }> = {
  web: { name: 'PINGTRACE_WEB_PORT', default: 5173 },
  api: { name: 'PINGTRACE_API_PORT', default: 8081 },
  otlpGrpc: { name: 'PINGTRACE_OTLP_GRPC_PORT', default: 4317 },
  otlpHttp: { name: 'PINGTRACE_OTLP_HTTP_PORT', default: 4318 },
  query: { name: 'PINGTRACE_QUERY_PORT', default: 16686 },
}

/**
 * Reads the ports from the environment.
 * @throws Error that names the variable, when a value is not a port number or two ports are equal.
 */
export function readPorts(env: Record<string, string | undefined>): Ports {
  const read = (key: keyof Ports): number => {
    const { name, default: fallback } = portVariables[key]
    const text = env[name]
    if (text === undefined || text === '') return fallback
    const port = /^\d+$/.test(text) ? Number(text) : 0
    if (port < 1 || port > 65_535) {
      throw new Error(`${name} must be a port from 1 to 65535, not "${text}"`)
    }
    return port
  }
  const ports: Ports = {
    web: read('web'),
    api: read('api'),
    otlpGrpc: read('otlpGrpc'),
    otlpHttp: read('otlpHttp'),
    query: read('query'),
  }
  refuseSharedPort(ports)
  return ports
}

function refuseSharedPort(ports: Ports): void {
  const taken = new Map<number, string>()
  for (const [key, port] of Object.entries(ports) as [keyof Ports, number][]) {
    const { name } = portVariables[key]
    const other = taken.get(port)
    if (other !== undefined) throw new Error(`${other} and ${name} are both ${port}`)
    taken.set(port, name)
  }
}

/** Every spelling under which a browser may reach a loopback port; each is an origin of its own. */
export function loopbackOrigins(port: number): string[] {
  return [`http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://[::1]:${port}`]
}

/** Whether an `Origin` header names a page served from this machine, on any port. */
export function isLoopbackOrigin(origin: string): boolean {
  return /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(origin)
}

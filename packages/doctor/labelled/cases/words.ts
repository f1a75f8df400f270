import type { Told } from '../build.ts'

type Attributes = NonNullable<Told['attributes']>
type More = Omit<Told, 'name' | 'service' | 'kind' | 'at' | 'for'>

const sdk = (language: string, version: string) => ({
  'telemetry.sdk.language': language,
  'telemetry.sdk.name': 'opentelemetry',
  'telemetry.sdk.version': version,
})
const java = {
  ...sdk('java', '1.58.0'),
  'telemetry.distro.name': 'opentelemetry-java-instrumentation',
  'service.instance.id': '627cc493-f310-47de-96bd-71410b7dec09',
}
const web = { ...sdk('webjs', '2.12.0'), 'browser.language': 'en-US', 'browser.mobile': false }

/** What the services of these cases run on. */
const resources: Record<string, NonNullable<Told['resource']>> = {
  orders: java,
  inventory: java,
  'fraud-detection': java,
  recommendations: sdk('python', '1.39.0'),
  etl: sdk('python', '1.39.0'),
  checkout: { ...sdk('go', '1.39.0'), 'host.name': 'node-2' },
  gateway: { ...sdk('go', '1.39.0'), 'host.name': 'node-2' },
  cart: { ...sdk('dotnet', '1.14.0'), 'service.instance.id': '8e4f' },
  accounting: { ...sdk('dotnet', '1.14.0'), 'service.instance.id': '8e4f' },
  frontend: sdk('nodejs', '2.12.0'),
  graphql: sdk('nodejs', '2.12.0'),
  web,
  'storefront-web': web,
}

/** The context is sampled, and its parent is remote; or is not. */
export const flags = { local: 0x101, remote: 0x301, unsampled: 0x100 }

/** A span in one line: of which service, of which kind, from when, for how long. */
export function span(
  [service, kind, name]: [service: string, kind: NonNullable<Told['kind']>, name: string],
  at: number,
  lasts: number,
  more: More = {},
): Told {
  const resource = { ...resources[service], ...more.resource }
  return { name, service, kind, at, for: lasts, ...more, resource }
}

/** Of a CLIENT span over HTTP, by the stable conventions. */
export function asked(method: string, url: string, status?: number, more?: Attributes): Attributes {
  const { hostname, port, protocol } = new URL(url)
  return {
    'http.request.method': method,
    'url.full': url,
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
    'network.protocol.version': '1.1',
    ...(status === undefined ? {} : { 'http.response.status_code': status }),
    ...more,
  }
}

/** Of a SERVER span over HTTP. @param address `host` or `host:port`, where it tells one */
export function answered(
  request: string,
  route: string,
  address?: string,
  status = 200,
  more?: Attributes,
): Attributes {
  const [method = '', path = ''] = request.split(' ')
  const [host, port] = (address ?? '').split(':')
  return {
    'http.request.method': method,
    'url.path': path,
    'url.scheme': 'https',
    'http.route': route,
    'http.response.status_code': status,
    ...(host ? { 'server.address': host } : {}),
    ...(port ? { 'server.port': Number(port) } : {}),
    ...more,
  }
}

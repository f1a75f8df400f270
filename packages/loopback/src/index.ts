export {
  type AccessRequest,
  type AccessRules,
  guarded,
  type Refusal,
  readAllowedHosts,
  readOrigins,
  reasonToRefuse,
  reasonToRefuseHost,
} from './access.ts'
export { type Authorization, bearer, challenge, readToken } from './bearer.ts'
export {
  type Exposure,
  ingestTokenVariable,
  queryTokenVariable,
  readExposure,
} from './exposure.ts'
export { runUntilStopped, whenNpmIsGone } from './lifecycle.ts'
export { isLoopbackOrigin, loopbackOrigins, type Ports, portVariables, readPorts } from './ports.ts'
export { bindLoopback, type LoopbackServer, loopbackAddresses, serveOnLoopback } from './serve.ts'

import type { Attributes } from '@opentelemetry/api'
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions'

export interface ServiceDescription {
  serviceName: string
  serviceVersion?: string
  /** What else is to be said of this service, for example `deployment.environment.name`. */
  resourceAttributes?: Attributes
}

/**
 * Who sends the spans: said once for all of them, not on every span.
 *
 * A provider that is given a resource uses that one *instead of* the default one, and
 * `telemetry.sdk.*` would be lost; hence the merge. Whatever is merged later wins.
 */
export function describeService(service: ServiceDescription): Resource {
  return defaultResource()
    .merge(resourceFromAttributes(browserAttributes()))
    .merge(resourceFromAttributes(service.resourceAttributes ?? {}))
    .merge(
      resourceFromAttributes({
        [ATTR_SERVICE_NAME]: service.serviceName,
        [ATTR_SERVICE_VERSION]: service.serviceVersion,
      }),
    )
}

/** Not in TypeScript's DOM library, because only Chromium has it. */
interface UserAgentData {
  brands: { brand: string; version: string }[]
  mobile: boolean
  platform: string
}

/**
 * Semantic conventions 1.45, resource/browser. What the browser does not tell stays out: they
 * advise against guessing it from the user agent.
 */
function browserAttributes(): Attributes {
  const { language, userAgent } = navigator
  const { userAgentData } = navigator as Navigator & { userAgentData?: UserAgentData }
  return {
    'browser.brands': userAgentData?.brands.map(({ brand, version }) => `${brand} ${version}`),
    'browser.language': language,
    'browser.mobile': userAgentData?.mobile,
    'browser.platform': userAgentData?.platform,
    'user_agent.original': userAgent,
  }
}

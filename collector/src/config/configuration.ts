import type { BatchSettings } from '../exporters/forwarder.ts'
import type { ExporterSettings } from '../exporters/forwarding.ts'
import { exporterTypes } from './exporters.ts'
import { type Place, Problems } from './problems.ts'
import {
  type ProcessorSettings,
  readAttributes,
  readBatch,
  readMemoryLimiter,
} from './processors.ts'
import { type ReceiverSettings, readOtlpReceiver } from './receivers.ts'
import { Section } from './section.ts'
import { parseSettings } from './settings-tree.ts'

/** What a configuration file asks for. */
export interface Configuration {
  receiver: ReceiverSettings
  /** In the order in which they take a request. */
  processors: Exclude<ProcessorSettings, { kind: 'batch' }>[]
  batch: BatchSettings | undefined
  exporters: ExporterSettings[]
}

const processorTypes: Record<string, (section: Section) => ProcessorSettings | undefined> = {
  memory_limiter: readMemoryLimiter,
  batch: readBatch,
  attributes: readAttributes,
}

const otherSignals =
  'is dropped here: other signals than traces are accepted at the ports, and counted'

/**
 * Reads the configuration file of the official Collector, of which we run a part:
 * docs/configuration.md says which. Nothing that stands in it is passed over in silence.
 * @param file its name, for people
 * @throws ConfigurationError with a line for each thing that is wrong or not run here
 */
export function readConfiguration(
  source: string,
  file: string,
  env: Record<string, string | undefined>,
): Configuration {
  const problems = new Problems(file)
  const top = parseSettings(source, env, problems)
  const configuration = top && readTop(new Section(top, problems))
  problems.check()
  if (configuration === undefined) throw new Error('a configuration without a problem is whole')
  return configuration
}

function readTop(top: Section): Configuration | undefined {
  const { problems } = top
  const receivers = readComponents(top, 'receivers', { otlp: readOtlpReceiver })
  const processors = readComponents(top, 'processors', processorTypes)
  const exporters = readComponents(top, 'exporters', exporterTypes)
  const service = top.section('service')
  top.end()
  if (service === undefined) {
    problems.wrong(top, 'has no service section, so that nothing would run')
    return undefined
  }
  const pipeline = readPipeline(service)
  if (pipeline === undefined) return undefined
  const [receiver] = pick(pipeline, 'receivers', receivers, 1)
  const steps = pick(pipeline, 'processors', processors, 0)
  const ids = pipeline.strings('exporters') ?? []
  const targets = pick(pipeline, 'exporters', exporters, 1)
  pipeline.end()
  if (receiver === undefined) return undefined
  const batches = steps.flatMap((step) => (step?.kind === 'batch' ? [step.batch] : []))
  return {
    receiver,
    processors: steps.filter((step) => step !== undefined && step.kind !== 'batch'),
    batch: batches.at(-1),
    exporters: targets.flatMap((target, i) => (target ? [{ id: ids[i]!, ...target }] : [])),
  }
}

type Components<T> = Map<string, T | undefined>

/** Every component that is defined is read, used or not: a mistake in one does not wait for its use. */
function readComponents<T>(
  top: Section,
  kind: 'receivers' | 'processors' | 'exporters',
  types: Record<string, (section: Section) => T | undefined>,
): Components<T> {
  const components: Components<T> = new Map()
  const sections = top.section(kind)
  for (const id of sections?.keys ?? []) {
    const section = sections?.section(id)
    if (section === undefined) continue
    const type = id.split('/')[0]?.trim() ?? ''
    const read = Object.hasOwn(types, type) ? types[type] : undefined
    components.set(id, read?.(section))
    if (read === undefined) {
      const known = Object.keys(types).join(', ')
      top.problems.unsupported(section, `pingtrace's collector has of ${kind} only ${known}`)
    }
  }
  return components
}

function readPipeline(service: Section): Section | undefined {
  const { problems } = service
  const pipelines = service.section('pipelines')
  service.end()
  const traces: Section[] = []
  for (const id of pipelines?.keys ?? []) {
    const section = pipelines?.section(id)
    if (section === undefined) continue
    if (id.split('/')[0] === 'traces') traces.push(section)
    else problems.unsupported(section, otherSignals)
  }
  const [first, second] = traces
  if (first === undefined) problems.wrong(pipelines ?? service, 'has no pipeline for traces')
  if (second !== undefined) {
    const what =
      'is a second pipeline for traces: all that is received goes one way, into the store'
    problems.unsupported(second, what)
  }
  return first
}

/** What a pipeline names of one kind, in order; undefined for what was refused, or does nothing. */
function pick<T>(
  pipeline: Section,
  kind: 'receivers' | 'processors' | 'exporters',
  components: Components<T>,
  atLeast: number,
): (T | undefined)[] {
  const ids = pipeline.strings(kind) ?? []
  const place: Place = pipeline.placeOf(kind)
  if (ids.length < atLeast) pipeline.problems.wrong(place, `needs one of ${kind} at least`)
  if (kind === 'receivers' && ids.length > 1) {
    pipeline.problems.unsupported(place, 'is one OTLP receiver here')
  }
  for (const [i, id] of ids.entries()) {
    if (!components.has(id)) pipeline.problems.wrong(place, `"${id}" is not defined under ${kind}`)
    if (ids.indexOf(id) < i) pipeline.problems.wrong(place, `"${id}" is there twice`)
  }
  return ids.map((id) => components.get(id))
}

import { buildTraceTree } from '@pingtrace/trace-tree'
import { describe, expect, it } from 'vitest'
import { makeSpan } from './span.test-support.ts'
import { titleSpan } from './trace-title.ts'

describe('titleSpan', () => {
  const root = makeSpan({ spanId: 'a', name: 'root', startTimeUnixNano: 5 })
  const orphan = makeSpan({ spanId: 'b', parentSpanId: 'x', name: 'orphan', startTimeUnixNano: 1 })
  const self = makeSpan({ spanId: 'c', parentSpanId: 'c', name: 'self', startTimeUnixNano: 0 })

  it('is the root, even where something else started before it', () => {
    expect(titleSpan(buildTraceTree([orphan, self, root]))?.name).toBe('root')
  })

  it('is the earliest span while there is no root', () => {
    expect(titleSpan(buildTraceTree([orphan]))?.name).toBe('orphan')
    expect(titleSpan(buildTraceTree([orphan, self]))?.name).toBe('self')
  })

  it('is nothing for no spans', () => {
    expect(titleSpan(buildTraceTree([]))).toBeUndefined()
  })
})

import type { Span } from '@pingtrace/otlp'
import { makeSpan } from '@pingtrace/otlp/test-support'
import fc from 'fast-check'

// Few ids and names, so that cycles, duplicates, missing parents and repeated calls all come often.
const ids = fc.constantFrom('0a', '0b', '0c', '0d', '0e', '0f', '1a', '1b')

/** Spans of one trace with whatever can be wrong with it. */
export const anySpans: fc.Arbitrary<Span[]> = fc.array(
  fc
    .record({
      spanId: ids,
      parentSpanId: fc.option(ids, { nil: undefined }),
      name: fc.constantFrom('one', 'two', ''),
      start: fc.bigInt({ min: 0n, max: 9n }),
      end: fc.bigInt({ min: 0n, max: 9n }),
      service: fc.constantFrom('web', 'api'),
      status: fc.constantFrom<Span['status'][]>(
        { code: 'unset', message: '' },
        { code: 'error', message: 'refused' },
      ),
    })
    .map(makeSpan),
  { maxLength: 16 },
)

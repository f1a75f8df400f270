import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stackParts } from './stack-frames.ts'

const outline = (stack: string) =>
  stackParts(stack).map(({ kind, lines }) => `${kind} ${lines.length}`)

describe('stackParts', () => {
  it.each(['@', 'a@b:', '.go:', ' '])(
    'takes a line of nothing but %j, as long as it may be',
    (text) => {
      expect(outline(text.repeat(500_000))).toHaveLength(1)
    },
  )

  it('tells the frames of an application from those of its libraries and of Node', () => {
    const stack = `MongoServerError: not primary
    at Connection.sendCommand (/app/node_modules/mongodb/lib/cmap/connection.js:299:27)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at async findOne (/app/src/legs/mongo-leg.ts:41:20)
    at async file:///app/src/app.ts:12:3
    at new Promise (<anonymous>)
Caused by: Error: read ECONNRESET
    at TCP.onStreamRead (node:internal/stream_base_commons:217:20)`
    expect(outline(stack)).toEqual([
      'message 1',
      'foreign 2',
      'own 2',
      'foreign 1',
      'message 1',
      'foreign 1',
    ])
  })

  it('takes a function without a name for the application’s, when its file is', () => {
    expect(outline('    at Object.<anonymous> (/app/index.js:1:7)')).toEqual(['own 1'])
    expect(outline('    at <anonymous> (/app/index.ts:1:7)')).toEqual(['own 1'])
    expect(outline('    at Array.map (<anonymous>)')).toEqual(['foreign 1'])
  })

  it('reads the frames of browsers, Python, Java and Go', () => {
    expect(outline('click@http://localhost:5173/assets/index.js:1:2')).toEqual(['own 1'])
    const python = `Traceback (most recent call last):
  File "/usr/lib/python3.12/site-packages/flask/app.py", line 880, in full_dispatch_request
    rv = self.dispatch_request()
  File "/app/shop.py", line 12, in pay
    raise ValueError("no card")
ValueError: no card`
    expect(outline(python)).toEqual(['message 1', 'foreign 2', 'own 2', 'message 1'])
    const java = `java.lang.IllegalStateException: no card
\tat shop.Pay.charge(Pay.java:12)
\tat java.base/java.lang.Thread.run(Thread.java:840)
\tat org.springframework.web.Servlet.run(Servlet.java:1)`
    expect(outline(java)).toEqual(['message 1', 'own 1', 'foreign 2'])
    const go = `goroutine 1 [running]:
main.pay(0x1)
\t/app/pay.go:12 +0x1d
net/http.HandlerFunc.ServeHTTP(0x1)
\t/usr/local/go/src/net/http/server.go:2122 +0x2f`
    expect(outline(go)).toEqual(['message 2', 'own 1', 'message 1', 'foreign 1'])
  })

  it('loses no line, whatever is sent', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('    at f (/a/b.ts:1:2)', '    at g (node:fs:1:2)', '  File "/x.py"'),
    )
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const stack = lines.join('\n')
        expect(
          stackParts(stack)
            .flatMap((part) => part.lines)
            .join('\n'),
        ).toBe(stack)
      }),
    )
  })
})

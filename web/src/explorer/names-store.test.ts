import { expect, it, onTestFinished, vi } from 'vitest'
import { startServer } from '../page.test-support.ts'
import { createNames } from './names-store.ts'

async function startCollector(answers: Record<string, unknown>) {
  const asked: string[] = []
  const server = await startServer((request, response) => {
    asked.push(request.url!)
    const body = answers[request.url!]
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? {}))
  })
  onTestFinished(server.close)
  return { asked, url: server.url, answers }
}

it('has the services and the operations of all of them, and does not ask at every key', async () => {
  const { url, asked } = await startCollector({
    '/api/v3/services': { services: ['a', 'b c'] },
    '/api/v3/operations?service=a': { operations: [{ name: 'y' }, { name: 'x' }] },
    '/api/v3/operations?service=b%20c': { operations: [{ name: 'x' }] },
  })
  const names = createNames(url)
  await names.refresh()
  await names.refresh()
  expect(names.getState()).toEqual({ services: ['a', 'b c'], operations: ['x', 'y'] })
  expect(asked).toHaveLength(3)
})

it('asks again after a failure, but not at once', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { url, answers } = await startCollector({})
  const names = createNames(url)
  await names.refresh()
  expect(names.getState().services).toEqual([])
  answers['/api/v3/services'] = { services: ['late'] }
  answers['/api/v3/operations?service=late'] = { operations: [] }
  await names.refresh()
  expect(names.getState().services).toEqual([])
  vi.advanceTimersByTime(2_000)
  await names.refresh()
  expect(names.getState().services).toEqual(['late'])
})

import { expect, it } from 'vitest'
import { jaegerVariable, readJaegerUrl } from './jaeger-url.ts'

const read = (text: string) => readJaegerUrl({ [jaegerVariable]: text })

it('is the base of what is asked, with its path', () => {
  expect(read('http://localhost:16686')?.href).toBe('http://localhost:16686/')
  expect(read(' https://traces.example/jaeger ')?.href).toBe('https://traces.example/jaeger/')
})

it('is none when it is unset or empty', () => {
  expect(readJaegerUrl({})).toBeUndefined()
  expect(read(' ')).toBeUndefined()
})

it.each([
  'localhost:16686',
  'file:///etc/passwd',
  'jaeger',
  'http://user:secret@localhost',
  'http://localhost?a=b',
  'http://localhost#a',
])('refuses %s by the name of the variable, and does not repeat it', (text) => {
  expect(() => read(text)).toThrow(jaegerVariable)
  expect(() => read(text)).not.toThrow(/secret/)
})

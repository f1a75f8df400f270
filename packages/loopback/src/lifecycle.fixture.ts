import { runUntilStopped } from './lifecycle.ts'

// A process for the test to end. It says what it hears, and before that whether it stops of it.
const alive = setInterval(() => undefined, 60_000)
runUntilStopped(async () => {
  clearInterval(alive)
  console.log('stopped')
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => console.log(signal))
console.log('running')

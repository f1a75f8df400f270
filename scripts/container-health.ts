import { readPorts } from '@pingtrace/loopback'

// The Dockerfile's HEALTHCHECK. What is behind the API is not asked for: while Redis is away the
// application is well, and its trace shows the error.
const { web, api, query } = readPorts(process.env)
const urls = [`${web}/`, `${api}/health`, `${query}/healthz`].map((at) => `http://127.0.0.1:${at}`)
const answers = await Promise.allSettled(urls.map((url) => fetch(url)))
const failed = urls.filter((_, i) => {
  const answer = answers[i]
  return answer?.status !== 'fulfilled' || !answer.value.ok
})
if (failed.length > 0) console.error(`no good answer from ${failed.join(', ')}`)
process.exit(failed.length > 0 ? 1 : 0)

import { testLife } from '@pingtrace/embedded-server/life'
import { MongoClient } from 'mongodb'
import { startEmbeddedMongodb } from './index.ts'

async function connected<Answer>(url: string, work: (client: MongoClient) => Promise<Answer>) {
  const client = await new MongoClient(url).connect()
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

const documents = (client: MongoClient) => client.db('test').collection('test')

testLife({
  label: 'embedded MongoDB',
  scheme: 'mongodb',
  start: startEmbeddedMongodb,
  write: async (url) => {
    await connected(url, (client) => documents(client).insertOne({ key: 'value' }))
  },
  read: (url) => connected(url, (client) => documents(client).findOne()),
  parent: new URL('./parent.fixture.ts', import.meta.url),
})

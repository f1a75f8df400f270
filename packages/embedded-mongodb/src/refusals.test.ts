import { BSONRegExp, Decimal128, type Document, Long, MongoClient, Timestamp } from 'mongodb'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { startServer } from './server.ts'

// What MongoDB can and this server cannot: each must be refused in words, never ignored.

let server: Awaited<ReturnType<typeof startServer>>
let client: MongoClient
const tests = () => client.db('test').collection<Document>('test')
const run = (command: Document) => client.db('test').command(command)

beforeAll(async () => {
  server = await startServer(0)
  client = await new MongoClient(`mongodb://127.0.0.1:${server.port}`).connect()
})
beforeEach(() => tests().deleteMany({}))
afterAll(async () => {
  await client.close()
  await server.close()
})

it('says what it is', async () => {
  expect(await run({ buildInfo: 1 })).toMatchObject({
    version: '0.1.0 (pingtrace embedded server, not MongoDB)',
    description: 'pingtrace embedded server, not MongoDB',
  })
})

it.each(['aggregate', 'update', 'findAndModify', 'count', 'createIndexes', 'constructor'])(
  'knows no command %s, and says what to do',
  async (command) => {
    await expect(run({ [command]: 'test' })).rejects.toMatchObject({
      code: 59,
      codeName: 'CommandNotFound',
      message: `no such command: '${command}' (pingtrace embedded server, not MongoDB; set MONGODB_URL to use a real one)`,
    })
  },
)

it.each<[string, Document]>([
  ['the option collation of find', { find: 'test', collation: { locale: 'de' } }],
  ['the option hint of find', { find: 'test', hint: '_id_' }],
  ['the option tailable of find', { find: 'test', tailable: true }],
  ['the option let of delete', { delete: 'test', deletes: [{ q: {}, limit: 0 }], let: {} }],
  ['the option hint of delete', { delete: 'test', deletes: [{ q: {}, limit: 0, hint: 'a' }] }],
  ['the option txnNumber of insert', { insert: 'test', documents: [{}], txnNumber: 1 }],
  ['a write concern', { insert: 'test', documents: [{}], writeConcern: { w: 2 } }],
  ['read concern snapshot', { find: 'test', readConcern: { level: 'snapshot' } }],
  ['the operator $where', { find: 'test', filter: { $where: 'true' } }],
  ['the operator $expr', { find: 'test', filter: { $expr: { $function: {} } } }],
  ['the operator $type', { find: 'test', filter: { a: { $not: { $type: 'int' } } } }],
  ['a path through __proto__', { find: 'test', filter: { ['__proto__']: 1 } }],
  ['a path through __proto__', { find: 'test', filter: { 'a.__proto__.b': 1 } }],
  ['a value of type Decimal128', { find: 'test', filter: { a: new Decimal128('1') } }],
  ['a pattern with the options x', { find: 'test', filter: { a: new BSONRegExp('b', 'x') } }],
  ['the sort by score', { find: 'test', sort: { score: { $meta: 'textScore' } } }],
  ['the sort by $natural', { find: 'test', sort: { $natural: -1 } }],
  ['the projection of a', { find: 'test', projection: { a: { $slice: 1 } } }],
  ['the projection of a.$', { find: 'test', projection: { 'a.$': 1 } }],
])('refuses %s', async (what, command) => {
  const refused = run(command).then((reply) => {
    // Of a batch, the single write is refused.
    if (reply.writeErrors) throw new Error(reply.writeErrors[0].errmsg)
    return reply
  })
  await expect(refused).rejects.toThrow(what)
  await expect(refused).rejects.toThrow('pingtrace embedded server, not MongoDB')
})

it.each([
  ['int64 beyond 2^53', Long.MAX_VALUE],
  ['Decimal128', new Decimal128('0.1')],
  ['Timestamp', new Timestamp({ t: 1, i: 1 })],
])('stores no %s, since it could not compare it', async (type, value) => {
  const inserted = tests().insertOne({ list: [{ value }] })
  await expect(inserted).rejects.toThrow(`a value of type ${type} is not supported`)
  expect(await tests().findOne()).toBeNull()
})

it('takes a pattern that JavaScript cannot read for an error of the command', async () => {
  const filter = { a: new BSONRegExp('(?<') }
  await expect(run({ find: 'test', filter })).rejects.toMatchObject({ code: 2 })
  expect(await run({ ping: 1 })).toMatchObject({ ok: 1 })
})

it('keeps a field named __proto__ as a field', async () => {
  const document = JSON.parse('{"_id":1,"__proto__":{"polluted":true},"a":{"__proto__":2,"b":3}}')
  await tests().insertOne(document)
  expect(await tests().findOne({ 'a.b': 3 })).toEqual(document)
  expect(await tests().findOne({ polluted: true })).toBeNull()
  const projected = await tests().findOne({}, { projection: { ['__proto__']: 1, _id: 0 } })
  expect(projected).toEqual(JSON.parse('{"__proto__":{"polluted":true}}'))
  expect({}).not.toHaveProperty('polluted')
})

it('keeps no more than its limit of documents, and has room again after a delete', async () => {
  const document = () => ({ text: 'x'.repeat(15 * 1024 * 1024) })
  for (let count = 0; count < 4; count++) await tests().insertOne(document())
  await expect(tests().insertOne(document())).rejects.toMatchObject({ code: 14031 })
  await tests().deleteOne({})
  await tests().insertOne(document())
})

it('keeps the newest thousand cursors', async () => {
  await tests().insertMany([{ a: 1 }, { a: 2 }])
  const find = async () => (await run({ find: 'test', batchSize: 1 })).cursor.id
  const first = await find()
  const second = await find()
  for (let count = 0; count < 999; count++) await find()
  const more = (id: unknown) => run({ getMore: Long.fromValue(id as Long), collection: 'test' })
  await expect(more(first)).rejects.toMatchObject({ code: 43 })
  expect((await more(second)).cursor.nextBatch).toHaveLength(1)
})

it('forgets a cursor after ten idle minutes', async () => {
  await tests().insertMany([{ a: 1 }, { a: 2 }])
  const find = async () => (await run({ find: 'test', batchSize: 1 })).cursor.id
  const idle = await find()
  const now = Date.now()
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 10 * 60 * 1000 + 1)
  await find()
  clock.mockRestore()
  const more = run({ getMore: Long.fromValue(idle), collection: 'test' })
  await expect(more).rejects.toMatchObject({ code: 43 })
})

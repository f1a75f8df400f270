import { randomBytes } from 'node:crypto'
import { Binary, type Document, Double, Int32, Long, MongoClient, ObjectId } from 'mongodb'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

/** Anything, with ids that are easy to compare. */
interface Item {
  _id?: number | ObjectId
  [field: string]: unknown
}

/**
 * What pingtrace expects of MongoDB, through the official driver as it comes. Registers the tests
 * in the suite that calls it; they work in a collection of their own, which they leave empty.
 */
export function mongodbContract(url: () => string): void {
  const name = `contract_${randomBytes(6).toString('hex')}`
  let client: MongoClient
  const tests = () => client.db('pingtrace-contract').collection<Item>(name)
  const names = async (filter: Document, options = {}) => {
    const documents = await tests().find(filter, options).sort({ _id: 1 }).toArray()
    return documents.map(({ _id }) => _id)
  }
  const people = () =>
    tests().insertMany([
      { _id: 1, name: 'Ada', age: 36, tags: ['math', 'code'], address: { city: 'London' } },
      { _id: 2, name: 'Zoë', age: 20, tags: [], address: { city: 'Zürich' } },
      { _id: 3, name: 'Bob', tags: ['code'], address: { city: 'Paris' }, left: null },
    ])

  beforeAll(async () => {
    client = await new MongoClient(url(), { serverSelectionTimeoutMS: 5_000 }).connect()
  })
  beforeEach(() => tests().deleteMany({}))
  afterAll(async () => {
    await tests().deleteMany({})
    await client.close()
  })

  it('answers hello, ping and buildInfo', async () => {
    const admin = client.db('admin')
    expect(await admin.command({ hello: 1 })).toMatchObject({ isWritablePrimary: true, ok: 1 })
    expect(await admin.command({ ping: 1 })).toMatchObject({ ok: 1 })
    expect((await admin.command({ buildInfo: 1 })).version).toEqual(expect.any(String))
  })

  it('finds nothing where nothing is', async () => {
    expect(await tests().findOne()).toBeNull()
    expect(await tests().find({ a: 1 }).toArray()).toEqual([])
  })

  it('gives an _id to a document without one', async () => {
    const { insertedId } = await tests().insertOne({ greeting: 'Grüße 🙂' })
    expect(insertedId).toBeInstanceOf(ObjectId)
    expect(await tests().findOne({ _id: insertedId })).toEqual({
      _id: insertedId,
      greeting: 'Grüße 🙂',
    })
  })

  it('gives every type back as it came', async () => {
    const document = {
      _id: new ObjectId(),
      long: Long.fromNumber(2 ** 40),
      smallLong: Long.fromInt(1),
      double: new Double(1),
      int: new Int32(1),
      date: new Date('2026-02-28T23:59:59.999Z'),
      bytes: new Binary(Buffer.from([0, 1, 254, 255])),
      nothing: null,
      yes: true,
      list: [1.5, 'two', { three: [new Int32(3)] }],
    }
    await tests().insertOne(document)
    const found = await tests().findOne({}, { promoteValues: false, promoteLongs: false })
    const wrapped = { ...document, list: [new Double(1.5), 'two', { three: [new Int32(3)] }] }
    expect(found).toEqual(wrapped)
    const projected = await tests().findOne(
      {},
      { projection: { smallLong: 1, double: 1 }, promoteValues: false, promoteLongs: false },
    )
    expect(projected).toEqual({ _id: document._id, smallLong: Long.ONE, double: new Double(1) })
  })

  it('compares numbers by value, dates by time, ids and bytes as they are', async () => {
    const id = new ObjectId()
    const at = new Date(1_700_000_000_000)
    const bytes = new Binary(Buffer.from([255, 1]))
    await tests().insertMany([
      { _id: 1, n: Long.fromNumber(7), at, id, bytes },
      {
        _id: 2,
        n: 7,
        at: new Date(+at + 1),
        id: new ObjectId(),
        bytes: new Binary(Buffer.of(254, 1)),
      },
      { _id: 3, n: new Double(7.5), at: new Date(+at - 1) },
      { _id: 4, n: '7' },
    ])
    expect(await names({ n: 7 })).toEqual([1, 2])
    expect(await names({ n: Long.fromNumber(7) })).toEqual([1, 2])
    expect(await names({ n: { $gt: 7 } })).toEqual([3])
    expect(await names({ at: { $gte: at } })).toEqual([1, 2])
    expect(await names({ id })).toEqual([1])
    expect(await names({ id: { $in: [id, 'x'] } })).toEqual([1])
    expect(await names({ bytes })).toEqual([1])
  })

  it.each<[Document, number[]]>([
    [{}, [1, 2, 3]],
    [{ name: 'Zoë' }, [2]],
    [{ 'address.city': 'Paris' }, [3]],
    [{ age: { $gt: 20 } }, [1]],
    [{ age: { $gte: 20, $lt: 36 } }, [2]],
    [{ age: { $ne: 20 } }, [1, 3]],
    [{ age: { $exists: false } }, [3]],
    [{ age: null }, [3]],
    [{ left: null }, [1, 2, 3]],
    [{ tags: 'code' }, [1, 3]],
    [{ tags: { $all: ['code', 'math'] } }, [1]],
    [{ tags: { $size: 0 } }, [2]],
    [{ tags: { $elemMatch: { $in: ['math'] } } }, [1]],
    [{ name: { $in: ['Ada', 'Bob'] } }, [1, 3]],
    [{ name: { $nin: ['Ada', 'Bob'] } }, [2]],
    [{ name: /^[AB]/ }, [1, 3]],
    [{ name: { $regex: '^z', $options: 'i' } }, [2]],
    // On the wire JavaScript's g is s: the dot matches a line's end.
    [{ 'address.city': /[a-z]./g }, [1, 2, 3]],
    [{ age: { $mod: [10, 0] } }, [2]],
    [{ $or: [{ name: 'Ada' }, { age: 20 }] }, [1, 2]],
    [{ $and: [{ tags: 'code' }, { age: 36 }] }, [1]],
    [{ $nor: [{ name: 'Ada' }] }, [2, 3]],
    [{ age: { $not: { $gt: 30 } } }, [2, 3]],
    [{ constructor: { $exists: true } }, []],
  ])('finds by %j', async (filter, expected) => {
    await people()
    expect(await names(filter)).toEqual(expected)
  })

  it('sorts, skips and limits, in this order', async () => {
    await people()
    const ids = async (options: Document) => {
      const found = await tests().find({}, options).toArray()
      return found.map(({ _id }) => _id)
    }
    expect(await ids({ sort: { name: 1 } })).toEqual([1, 3, 2])
    expect(await ids({ sort: { name: -1 } })).toEqual([2, 3, 1])
    expect(await ids({ sort: { age: 1 } })).toEqual([3, 2, 1])
    expect(await ids({ sort: { 'address.city': -1 } })).toEqual([2, 3, 1])
    expect(await ids({ sort: { name: 1 }, skip: 1, limit: 1 })).toEqual([3])
    expect(await ids({ sort: { _id: 1 }, skip: 9 })).toEqual([])
  })

  it('sorts different types by type', async () => {
    const id = new ObjectId()
    const values = [null, 3, 'a', { a: 1 }, id, false, true, new Date(0)]
    await tests().insertMany(values.map((value, index) => ({ _id: index, value })).reverse())
    const sorted = await tests().find().sort({ value: 1 }).toArray()
    expect(sorted.map(({ value }) => value)).toEqual(values)
  })

  it.each<[Document, Document]>([
    [{ name: 1 }, { _id: 1, name: 'Ada' }],
    [{ name: 1, _id: 0 }, { name: 'Ada' }],
    [{ 'address.city': 1, _id: 0 }, { address: { city: 'London' } }],
    [{ missing: 1 }, { _id: 1 }],
    [
      { address: 0, tags: 0, age: 0 },
      { _id: 1, name: 'Ada' },
    ],
    [
      { 'address.city': 0, tags: 0, age: 0 },
      { _id: 1, name: 'Ada', address: {} },
    ],
    [{ _id: 1 }, { _id: 1 }],
  ])('projects %j', async (projection, expected) => {
    await people()
    expect(await tests().findOne({ _id: 1 }, { projection })).toEqual(expected)
    const untouched = await tests().findOne({ _id: 1 })
    expect(untouched).toMatchObject({ age: 36, address: { city: 'London' } })
  })

  it('hands out a long result in batches', async () => {
    await tests().insertMany(Array.from({ length: 1_000 }, (_, index) => ({ _id: index })))
    for (const options of [{}, { batchSize: 7 }, { batchSize: 7, limit: 20 }]) {
      const found = await tests().find({}, options).sort({ _id: 1 }).toArray()
      expect(found.map(({ _id }) => _id)).toEqual(
        Array.from({ length: options.limit ?? 1_000 }, (_, index) => index),
      )
    }
  })

  it('forgets a cursor that is closed, and keeps the others', async () => {
    await people()
    const closed = tests().find({}, { batchSize: 1 })
    const other = tests().find({}, { batchSize: 1 })
    await closed.next()
    await other.next()
    const { id } = closed
    await closed.close()
    const getMore = { getMore: id, collection: name }
    await expect(client.db('pingtrace-contract').command(getMore)).rejects.toMatchObject({
      code: 43,
    })
    expect(await other.toArray()).toHaveLength(2)
  })

  it('deletes one, some and all', async () => {
    await people()
    expect(await tests().deleteOne({ tags: 'code' })).toMatchObject({ deletedCount: 1 })
    expect(await tests().deleteMany({ age: { $gt: 100 } })).toMatchObject({ deletedCount: 0 })
    expect(await tests().deleteMany({})).toMatchObject({ deletedCount: 2 })
    expect(await tests().findOne()).toBeNull()
  })

  it('refuses a duplicate _id, and says which', async () => {
    await tests().insertOne({ _id: 1 })
    await expect(tests().insertOne({ _id: 1 })).rejects.toMatchObject({ code: 11000 })
    const sameNumber = client.db('pingtrace-contract').collection<{ _id: Long }>(name)
    await expect(sameNumber.insertOne({ _id: Long.ONE })).rejects.toThrow(
      /E11000 duplicate key error/,
    )
    expect(await names({})).toEqual([1])
  })

  it('stops at the first error of an ordered batch, and passes over it in an unordered one', async () => {
    const batch = [{ _id: 1 }, { _id: 1 }, { _id: 2 }]
    const ordered = tests().insertMany(batch)
    await expect(ordered).rejects.toMatchObject({ code: 11000, result: { insertedCount: 1 } })
    expect(await names({})).toEqual([1])
    await tests().deleteMany({})
    const unordered = tests().insertMany(batch, { ordered: false })
    await expect(unordered).rejects.toMatchObject({ code: 11000, result: { insertedCount: 2 } })
    expect(await names({})).toEqual([1, 2])
  })

  it('takes a write that nobody waits for', async () => {
    const write = { writeConcern: { w: 0 as const } }
    expect(await tests().insertOne({ _id: 1 } as Document, write)).toMatchObject({
      acknowledged: false,
    })
    // The next command may go over another connection, so the write is waited for.
    await expect.poll(() => names({})).toEqual([1])
  })

  it('carries a document of 8 MiB', async () => {
    const text = 'x'.repeat(8 * 1024 * 1024)
    await tests().insertOne({ text })
    expect((await tests().findOne())?.text === text).toBe(true)
  })

  it('serves 30 requests at once', async () => {
    await people()
    const found = await Promise.all(Array.from({ length: 30 }, () => tests().findOne({ _id: 2 })))
    expect(found.map((document) => document?.name)).toEqual(Array(30).fill('Zoë'))
  })

  it('names a command that it does not know', async () => {
    await expect(client.db('admin').command({ noSuchCommand: 1 })).rejects.toMatchObject({
      code: 59,
      codeName: 'CommandNotFound',
      message: expect.stringContaining("'noSuchCommand'"),
    })
  })

  it.each<[string, Document]>([
    ['an unknown operator', { filter: { a: { $nope: 1 } } }],
    ['a filter that is none', { filter: { $and: 'x' } }],
    ['a sort that is none', { sort: { a: 7 } }],
    ['a mixed projection', { projection: { a: 1, b: 0 } }],
    ['a negative skip', { skip: -1 }],
  ])('refuses %s and goes on', async (_, options) => {
    await people()
    const find = client.db('pingtrace-contract').command({ find: name, ...options })
    await expect(find).rejects.toMatchObject({ code: expect.any(Number) })
    expect(await names({})).toEqual([1, 2, 3])
  })
}

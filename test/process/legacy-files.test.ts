/** `npm run users:import` reads files in every form that exports have, names other kinds, and survives broken records. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { type FileRecord, readRecords } from '../../ops/users/import/records.ts'
import { Splitter } from '../../ops/users/import/splitter.ts'
import { createFolder, makeDocument } from '../support/process/legacy-records.ts'

const { folder, write, remove } = await createFolder()
afterAll(remove)

/** Reads a file: its records, and the complaint about it as a whole. */
async function readFile(path: string) {
  const records: FileRecord[] = []
  try {
    for await (const block of readRecords(path, () => {})) records.push(...block)
    return { records, complaint: '' }
  } catch (error) {
    return { records, complaint: String(error).replace(`Error: ${path}`, 'it') }
  }
}

const read = async (content: string | Buffer) => readFile(await write(content))

/** Cuts a text that comes in blocks of the given size into its records. */
function split(content: string, blockBytes = content.length) {
  const [splitter, bytes] = [new Splitter(), Buffer.from(content)]
  const pieces = []
  for (let at = 0; at < bytes.length; at += blockBytes)
    pieces.push(...splitter.push(bytes.subarray(at, at + blockBytes)))
  pieces.push(...splitter.end())
  return { records: pieces.filter((piece) => !('page' in piece)), isCutOff: splitter.isCutOff }
}

const people = ['ada', 'bob', 'cid'].map((name) => makeDocument(name, { lastname: 'of "{"_id":"x"},{"_id":"y"}]\\' }))
const compact = people.map((person) => JSON.stringify(person))
const pretty = people.map((person) => JSON.stringify(person, null, 2))
const whole = { records: people.map((value) => ({ value })), complaint: '' }

/** Writes a page as the AWS CLI does. */
function makePage(items: object[], rest: object = {}): string {
  const page = { Items: items, Count: items.length, ScannedCount: 3, ConsumedCapacity: null, ...rest }
  return JSON.stringify(page, null, 4)
}

function toOneLine(json: string): string {
  return JSON.stringify(JSON.parse(json))
}

const key = { LastEvaluatedKey: { PK: { S: 'USER' }, SK: { S: 'b' } } }
const token = { NextToken: 'eyJFeGNsdXNpdmVTdGFydEtleSI6IG51bGx9' }
const pages = people.map((person, index) => makePage([person], [key, token, {}][index]))

describe('all records are read', () => {
  const forms: [string, string][] = [
    ['a list', JSON.stringify(people)],
    ['a list over several lines', JSON.stringify(people, null, 2)],
    ['a list of lines, as of mongoexport --jsonArray', `[${compact.join(',\n')}]\n`],
    ['a list of lines, as of PostgreSQL', `[${compact.join(', \n ')}]`],
    ['documents on a line each', compact.join('\n')],
    ['documents on lines that end as on Windows', compact.map((line) => `${line}\r\n`).join('')],
    ['documents over several lines each', pretty.join('\n')],
    ['the output of a scan', makePage(people)],
    ['that on one line', toOneLine(makePage(people))],
    ['that in another order', JSON.stringify({ Count: 3, LastEvaluatedKey: null, ScannedCount: 3, Items: people })],
    ['pages one after another', pages.join('\n')],
    ['pages on a line each', pages.map(toOneLine).join('\n')],
    ['pages in a list', `[${pages.join(',\n')}]`],
    ['items of pages in a list', JSON.stringify(people.map((person) => [person]))],
    ['a page without items, and one with all', `${makePage([], key)}\n${makePage(people, { NextToken: null })}`],
    ['text with a byte order mark', `\ufeff${JSON.stringify(people)}`],
    ['files that were joined, each with its mark', compact.map((line) => `\ufeff${line}\n`).join('')],
  ]

  test.each(forms)('from %s', async (_, content) => {
    expect(await read(content)).toEqual(whole)
  })

  test.each(forms)('in UTF-16, as Windows PowerShell writes it, from %s', async (_, content) => {
    const text = Buffer.from(content.startsWith('\ufeff') ? content : `\ufeff${content}`, 'utf16le')
    expect(await read(text)).toEqual(whole)
    expect(await read(text.swap16())).toEqual(whole)
  })

  test.each(forms)('wherever blocks end, from %s', (_, content) => {
    expect(split(content, 1)).toEqual(split(content))
  })

  test('none from an empty list', async () => {
    for (const content of ['[]', makePage([])]) expect(await read(content)).toEqual({ records: [], complaint: '' })
  })

  test('with half a character as it is', async () => {
    const text = '\ufeff{"_id":"ada","lastname":"\ud83d"}'
    expect((await read(Buffer.from(text, 'utf16le'))).records).toEqual([{ value: { _id: 'ada', lastname: '\ud83d' } }])
  })
})

describe('an export that is not whole', () => {
  test.each([
    ['a NextToken', makePage(people, token)],
    ['a LastEvaluatedKey', makePage(people, key)],
    ['one on the line of its items', toOneLine(makePage(people, key))],
    ['one in front of its items', JSON.stringify({ ...key, Items: people })],
    ['one in the last page', [...pages, makePage([], key)].join('\n')],
    ['one in the last page of a list', `[${[...pages, makePage([], token)].join(',')}]`],
  ])('says so: it has %s', async (_, content) => {
    const { records, complaint } = await read(content)
    expect(records).toEqual(whole.records)
    expect(complaint).toMatch(/^it is not the whole table: .* Scan again without --max-items/)
  })

  test.each([
    ['a list', JSON.stringify(people), []],
    ['a list over several lines', JSON.stringify(people, null, 2), []],
    ['documents on a line each', compact.join('\n'), compact],
    ['documents over several lines each', pretty.join('\n'), pretty],
    ['the output of a scan', makePage(people), []],
    ['pages in a list', `[${pages.join(',')}]`, []],
  ])('says so wherever it is cut off, as %s', (_, content, documents) => {
    // A cut between two documents cannot be seen.
    const ends = documents.map((_, index) => documents.slice(0, index + 1).join('\n'))
    for (let length = 1; length < content.length; length++) {
      const part = content.slice(0, length)
      const { records, isCutOff } = split(part)
      expect(isCutOff, part).toBe(!ends.includes(part.trimEnd()))
      const read = records.filter((record) => 'value' in record)
      expect(read).toEqual(whole.records.slice(0, read.length))
      expect(records.length - read.length, part).toBeLessThanOrEqual(1)
    }
  })

  test('gives the records before the cut, and reports the cut record', async () => {
    const { records, complaint } = await read(compact.join('\n').slice(0, -10))
    const id = people[2]?._id.$oid
    expect(records).toEqual([...whole.records.slice(0, 2), { fault: 'Record is cut off, in line 3', id }])
    expect(complaint).toMatch(/^it ends too early, in the middle of a record or a list: it is not the whole export/)
  })
})

describe('a file of another kind is named, and how to make the right one:', () => {
  const csv = '_id,username\n5c61ed84,ada\n'
  const summary = { version: '2020-06-30', exportArn: 'arn:aws:dynamodb:x', manifestFilesS3Key: 'AWSDynamoDB/01/m' }
  const files = { itemCount: 8, md5Checksum: 'sQM==', dataFileS3Key: 'AWSDynamoDB/01/data/x.json.gz' }
  const bson = (element: string) =>
    Buffer.from(`${String.fromCharCode(element.length + 5)}\0\0\0${element}\0`, 'latin1')

  test.each([
    ['an empty file', '', /is empty.* Export it again/],
    ['blank lines', ' \n\r\n', /is empty/],
    ['gzip', gzipSync(compact.join('\n')), /gzip.*gunzip -c/],
    ['zstd', zstdCompressSync(compact.join('\n')), /zstd -dc/],
    ['a zip archive', Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1'), /zip archive. Unpack it/],
    [
      'a tar archive',
      `${'users.json'.padEnd(257, '\0')}ustar\0${'00'.padEnd(249, '\0')}${compact.join('\n')}`,
      /tar archive/,
    ],
    ['bzip2', Buffer.from('BZh91AY&SY'), /is packed. Unpack it/],
    ['BSON', bson('\x07_id\0abcdefghijkl\x02username\0\x04\0\0\0ada\0'), /BSON.*bsondump/],
    ['BSON of a row', bson('\x02PK\0\x05\0\0\0USER\0'), /BSON.*bsondump/],
    ['an archive of mongodump', Buffer.from('6de299818b', 'hex'), /archive of mongodump.*mongoexport/],
    [
      'what mongodump notes',
      '{"indexes":[{"v":2}],"uuid":"ab","collectionName":"users"}',
      /without its documents.*mongoexport/,
    ],
    ['SQL', "-- Dump, of 2026\nINSERT INTO users VALUES (1, 'ada');\n", /is SQL/],
    ['SQLite', Buffer.from('SQLite format 3\0\x10\0\x01\x01'), /SQLite database/],
    ['Ion', Buffer.from('e00100eaee', 'hex'), /Ion.*DYNAMODB_JSON/],
    ['Ion in text', '$ion_1_0 {Item:{PK:"USER"}}\n', /Ion.*DYNAMODB_JSON/],
    ['UTF-16 without a mark', Buffer.from(compact.join('\n'), 'utf16le'), /UTF-16 without.*iconv -f UTF-16LE -t UTF-8/],
    ['UTF-16 the other way', Buffer.from(compact.join('\n'), 'utf16le').swap16(), /iconv -f UTF-16BE -t UTF-8/],
    ['UTF-32', Buffer.from('fffe00007b000000', 'hex'), /UTF-32.*iconv/],
    ['other bytes', Buffer.from('80818283000102', 'hex'), /is not text/],
    ['CSV', csv, /CSV.*mongoexport without --type/],
    ['CSV in Latin-1', Buffer.from(csv.replace('ada', 'Ren\xe9e'), 'latin1'), /CSV/],
    ['CSV in UTF-16', Buffer.from(`\ufeff${csv}`, 'utf16le'), /CSV/],
    ['CSV of the console', '"PK","SK","Payload"\n"USER","a","{""id"":1}"\n', /CSV/],
    ['tabs', csv.replaceAll(',', '\t'), /table with tabs.*--output json/],
    ['YAML', 'Count: 1\nItems:\n- PK:\n    S: USER\n', /YAML.*--output json/],
    ['a web page', '<!DOCTYPE html>\n<html></html>', /web page/],
    ['XML', '<?xml version="1.0"?><Error/>', /XML/],
    ['the summary of an export', JSON.stringify(summary), /manifest of an export.*data folder/],
    ['the list of an export', `${JSON.stringify(files)}\n`, /manifest of an export/],
    ['the mongo shell', '{ "_id" : ObjectId("5c61ed84"), "username" : "ada" }', /mongo shell.*mongoexport/],
    [
      'the new one',
      "Atlas> db.users.find()\n[\n  {\n    _id: ObjectId('5c61ed84'),\n    username: 'ada'",
      /mongo shell/,
    ],
    ['objects of JavaScript', "module.exports = [\n  { username: 'ada' }\n]", /mongo shell/],
    ['a word', 'hello', /no records in JSON.*mongoexport/],
  ])('%s', async (_, content, complaint) => {
    expect(await read(content)).toEqual({ records: [], complaint: expect.stringMatching(complaint) })
  })

  test('a folder', async () => {
    const path = join(folder, 'data')
    await mkdir(path)
    expect((await readFile(path)).complaint).toMatch(/is a folder. Name the file in it/)
  })

  test('JSON in Latin-1, whose records in ASCII are read', async () => {
    const { records, complaint } = await read(Buffer.from(compact.join('\n').replace('Jane', 'Ren\xe9e'), 'latin1'))
    const id = people[0]?._id.$oid
    expect(records).toEqual([{ fault: 'Record is not in UTF-8, in line 1', id }, ...whole.records.slice(1)])
    expect(complaint).toMatch(/Latin-1.*iconv -f WINDOWS-1252 -t UTF-8/)
  })
})

describe('a broken record takes no other with it', () => {
  const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const broken = {
    'with a bracket too few': '{"_id":"bad","a":{"b":1}',
    'with a bracket too many': '{"_id":"bad","a":1}}',
    'with another bracket': '{"_id":"bad","a":1]',
    'with a quotation mark too few': '{"_id":"bad","a":"x}',
    'with a quotation mark too many': '{"_id":"bad","a":"b"c"}',
    'with a quotation mark too few at first': '{_id":"bad","a":"b"}',
    'with a line break in a text': '{"_id":"bad","a":"x\ny"}',
    'with a tab in a text': '{"_id":"bad","a":"\t"}',
    'with NUL in a text': '{"_id":"bad","a":"\0"}',
    'without a comma': '{"_id":"bad" "a":1}',
    'with a comma too many': '{"_id":"bad",}',
    'with a word': '{"_id":"bad","a":NaN}',
    'with single quotation marks': "{_id:'bad'}",
    'with an escape that is none': '{"_id":"bad","a":"\\x"}',
    'with a key twice': '{"_id":"bad","password":"a","password":"b"}',
    'that goes on behind its end': '{"_id":"bad"},"salt":"x"}',
    'cut off behind a colon': '{"_id":"bad","a":',
    'cut off in a text': '{"_id":"bad","a":"x',
    'nested deeply': `{"_id":"bad","a":${nested}}`,
    'without an end, nested deeply': `{"_id":"bad","a":${'{"a":'.repeat(100_000)}`,
    'of a giant text': `{"_id":"bad","a":"${'x'.repeat(2 ** 21)}"}`,
    'that is a word': 'oops',
    'that ends as the head of a page': 'oops: [',
  }
  const asItIs = (json: string) => json
  const indent = (json: string) => JSON.stringify(JSON.parse(json), null, 4).replace(/^/gm, ' '.repeat(8))

  describe.each([
    ['lines', (records: string[]) => `${records.join('\n')}\n`, asItIs],
    ['a list of lines', (records: string[]) => `[${records.join(',\n')}]`, asItIs],
    ['a list on one line', (records: string[]) => `[${records.join(',')}]`, asItIs],
    ['a page on one line', (records: string[]) => `{"Items":[${records.join(',')}],"Count":4}`, asItIs],
    [
      'a page',
      (records: string[]) => `{\n    "Items": [\n${records.join(',\n')}\n    ],\n    "Count": 4\n}`,
      indent,
      ' '.repeat(8),
    ],
  ])('in %s', (_, join, format, margin = '') => {
    test.each(Object.entries(broken))('%s', async (_, bad) => {
      const id = bad.includes('"_id":"bad"') ? 'bad' : undefined
      const fault = { fault: expect.stringMatching(/^Record .+, in line \d+$/), id }
      for (const place of [0, 1, 3]) {
        const { records, complaint } = await read(join(compact.map(format).toSpliced(place, 0, margin + bad)))
        expect(records).toEqual([...whole.records.slice(0, place), fault, ...whole.records.slice(place)])
        if (place < 3) expect(complaint).toBe('')
      }
    })
  })

  test.each([
    ['Record is not JSON, in line 2', '{"_id":"bad",}'],
    ['Record has a key twice, in line 2', '{"_id":"bad","password":"canary","password":"b"}'],
    ['Record is nested too deeply, in line 2', `{"_id":"bad","a":${nested}}`],
    ['Record is longer than 1 MiB, in line 2', `{"_id":"bad","a":"${'canary'.repeat(2 ** 18)}"}`],
  ])('and is named, but nothing in it is repeated: %s', async (fault, bad) => {
    const { records } = await read(compact.toSpliced(1, 0, bad).join('\n'))
    expect(records[1]).toEqual({ fault, id: 'bad' })
  })

  test('even if it is no object', async () => {
    const others = ['7', '"text"', 'null', 'true', '[]', '[{"_id":"x"}]']
    const expected = whole.records.toSpliced(1, 0, ...others.map((other) => ({ value: JSON.parse(other) })))
    for (const content of [compact.toSpliced(1, 0, ...others).join('\n'), `[${compact.toSpliced(1, 0, ...others)}]`]) {
      expect(await read(content)).toEqual({ records: expected, complaint: '' })
    }
  })

  test('even if it is a message of a tool before the list', async () => {
    const { records } = await read(`2026-11-27T12:00:00 connected to: mongodb://localhost/\n[${compact}]`)
    expect(records).toEqual([{ fault: 'Record is not JSON, in line 1', id: undefined }, ...whole.records])
  })
})

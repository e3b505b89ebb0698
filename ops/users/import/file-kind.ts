/** Recognises files of another kind, and says how to make an export of each. */
import { Refusal } from '../../terminal.ts'

/** The file is no export, or no whole one. The records before the fault are imported. */
export class BrokenFile extends Refusal {}

/** The encoding of an export. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be'

const EXPORT = 'mongoexport, or `aws dynamodb scan --output json`'

/** The first bytes of files that are not text, in hex. */
const BINARY: [RegExp, string][] = [
  [/^1f8b/, 'is packed with gzip. Unpack it first: gunzip -c FILE > users.json'],
  [/^504b0(?:304|506)/, 'is a zip archive. Unpack it, and import the JSON file in it'],
  [/^28b52ffd/, 'is packed with zstd. Unpack it first: zstd -dc FILE > users.json'],
  [/^(?:425a68|fd377a58|377abcaf|04224d18)/, 'is packed. Unpack it, and import the JSON file in it'],
  [/^6de29981/, 'is an archive of mongodump. Export JSON in its place: mongoexport'],
  [/^53514c69746520666f726d6174/, `is an SQLite database. Export JSON from the earlier service: ${EXPORT}`],
  [/^(?:50415231|4f626a01)/, `is Parquet or Avro. Export JSON in its place: ${EXPORT}`],
  [/^e00100ea/, 'is Amazon Ion. Export the table again, with --export-format DYNAMODB_JSON'],
  // The length of a document, then the type and the name of its first field.
  [
    /^.{6}00(?:0[1-9a-f]|1[0-3])(?:[2-7].)+00/,
    'is BSON, as mongodump writes it. Make JSON of it: bsondump FILE > users.json',
  ],
  [/^(?:fffe0000|0000feff|000000[57]b|[57]b000000)/, 'is in UTF-32. Convert it: iconv -f UTF-32 -t UTF-8'],
  [/^(?:(?:0[9ad]|[2-7].)00){2}/, 'is in UTF-16 without a byte order mark. Convert it: iconv -f UTF-16LE -t UTF-8'],
  [/^(?:00(?:0[9ad]|[2-7].)){2}/, 'is in UTF-16 without a byte order mark. Convert it: iconv -f UTF-16BE -t UTF-8'],
]

/** The beginnings of text of another kind. */
const TEXT: [RegExp, string][] = [
  [/^\s*<(?:!doctype|html)/i, 'is a web page, perhaps an error message. Look into it, and fetch the export again'],
  [/^\s*</, `is XML, perhaps an error message. Look into it, and export JSON: ${EXPORT}`],
  [/^\s*\$ion_1_0/, 'is Amazon Ion. Export the table again, with --export-format DYNAMODB_JSON'],
  [
    /^\s*\{[^{}]*"(?:manifestFilesS3Key|dataFileS3Key)"\s*:/,
    'is the manifest of an export to S3. The users are in its data folder: gunzip -c data/*.json.gz > users.json',
  ],
  [/^.{257}ustar/s, 'is a tar archive. Unpack it, and import the JSON file in it'],
  [
    /^\s*\{"(?:options|indexes)":[^\n]*"collectionName"/,
    'is what mongodump notes about a collection, without its documents. Export JSON in its place: mongoexport',
  ],
  // Its keys have no quotation marks, or its ids are calls.
  [
    /^[\s[]*\{\s*"?_id"?\s*:\s*(?:ObjectId|UUID|BinData)\(|^(?!.*"\w+"\s*:).*\{\s*\w+\s*:/s,
    'is what the mongo shell prints, which is not JSON. Export the collection in its place: mongoexport',
  ],
]

/** Kinds of text in which no line begins like JSON. The first that fits is named. */
const NO_JSON: [RegExp, string][] = [
  [/[^\P{Cc}\s]/u, `is not text. An export is JSON: ${EXPORT}`],
  [/\t/, 'is a table with tabs, not JSON. Export JSON: mongoexport without --type, aws with --output json'],
  [/^(?:INSERT INTO|CREATE TABLE|COPY) /im, 'is SQL, not JSON. Export JSON from the earlier service'],
  [/^(?:---$|- |"?\w+"?:\s)/m, 'is YAML, not JSON. Export JSON: aws with --output json'],
  [/^[^\n]*[,;]/, 'is CSV, not JSON. Export JSON: mongoexport without --type, or `aws dynamodb scan --output json`'],
  [/^/, `has no records in JSON. Make an export: ${EXPORT}`],
]

/**
 * Returns the encoding of a file.
 * @param head its first bytes
 * @throws {BrokenFile} if it is not text
 */
export function detectEncoding(path: string, head: Buffer): Encoding {
  const hex = head.toString('hex', 0, 128)
  if (/^fffe(?!0000)/.test(hex)) return 'utf-16le'
  if (/^feff/.test(hex)) return 'utf-16be'
  refuse(path, hex, BINARY)
  return 'utf-8'
}

/**
 * Refuses text that is no export.
 * @param head its first characters
 */
export function refuseOtherText(path: string, head: string): void {
  refuse(path, head, TEXT)
  if (head.trim() !== '' && !/^\s*[[{]/m.test(head)) refuse(path, head, NO_JSON)
}

function refuse(path: string, head: string, kinds: [RegExp, string][]): void {
  const [, advice] = kinds.find(([kind]) => kind.test(head)) ?? []
  if (advice) throw new BrokenFile(`${path} ${advice}`)
}

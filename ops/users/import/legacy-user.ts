/**
 * Reads users as the earlier ACME services stored them. The service on Kubernetes kept documents in MongoDB, with the
 * SHA-1 digest of salt and password. The serverless one kept each user as a string of JSON, with the plain password, in
 * a table of DynamoDB or a collection of MongoDB. No password, digest or salt may ever leave this file in a message.
 */
import * as z from 'zod/mini'
import { loginRequest, registerRequest, USER_ID } from '../../../src/schemas/requests.ts'
import { type Fields, isFields, unwrap } from './dynamodb.ts'
import { nameHashForm } from './hash-forms.ts'
import { parseText } from './json.ts'

/** A password, or the digest that is known in its place. */
export type LegacySecret = { password: string } | { digest: Uint8Array; salt: Uint8Array }

/** A user of an earlier service who can be imported. */
export interface LegacyUser {
  id: string
  username: string
  email: string
  firstname: string
  lastname: string
  secret: LegacySecret
}

/** The reason why a record is left out, for people. */
export class SkippedRecord extends Error {}

/** The record belongs to the shop's other data, such as a cart. */
export class OtherRecord extends SkippedRecord {}

const MAX_SALT_BYTES = 256

const { username, email, firstname, lastname } = registerRequest.shape

/** The earlier services did not require names. */
const optionalName = (name: typeof firstname) =>
  z.pipe(
    z.transform((value) => (value === null || value === '' ? undefined : value)),
    z._default(name, ''),
  )

const personSchema = z.object({
  id: z.string('Id is missing').check(z.regex(USER_ID, 'Id must be 1 to 64 letters, digits or hyphens')),
  username,
  email,
  firstname: optionalName(firstname),
  lastname: optionalName(lastname),
})

const wellFormed = 'Password contains characters that are not text'
const passwordSchema = loginRequest.shape.password.check(
  z.refine((value) => value.isWellFormed() && !value.includes('\0'), wellFormed),
)

const digestSchema = z.string('Password is missing')
const SHA1_DIGEST = /^[0-9a-f]{40}$/i
const saltSchema = z
  .pipe(
    z.nullable(z.string('Salt must be a string')),
    z.transform((salt) => salt ?? ''),
  )
  .check(
    z.refine((salt) => salt.isWellFormed(), 'Salt contains characters that are not text'),
    z.refine((salt) => Buffer.byteLength(salt) <= MAX_SALT_BYTES, `Salt is longer than ${MAX_SALT_BYTES} bytes`),
  )

const rowSchema = z.object({
  SK: z.string('SK is missing'),
  KeyID: z.optional(z.string('KeyID must be a string')),
})

/**
 * Reads a record of an export.
 * @throws {SkippedRecord} with the reason why it can be no user
 */
export function readUser(record: unknown): LegacyUser {
  const fields = unwrap(requireFields(record, 'Record is not an object'))
  return 'PK' in fields ? readRow(fields) : readDocument(fields)
}

/** Finds the id of a record that is left out, if it has one. */
export function findRecordId(record: unknown): string | undefined {
  if (!isFields(record)) return undefined
  const { _id, id, SK } = unwrap(record)
  return [SK, readObjectId(_id), id].find((value): value is string => typeof value === 'string' && USER_ID.test(value))
}

/** Reads a row of the serverless service. Its sort key is the id, and its `KeyID` the user name. */
function readRow(fields: Fields): LegacyUser {
  if (fields.PK !== 'USER') throw new OtherRecord(`Not a user: its PK is ${describeKind(fields.PK)}`)
  const { SK, KeyID } = check(rowSchema, fields)
  const payload = requireFields(parsePayload(fields.Payload), 'Payload is not a user in JSON')
  const person = check(personSchema, { id: SK, ...payload })
  if (person.id !== SK) throw new SkippedRecord('SK and the id in Payload differ')
  if (KeyID !== undefined && person.username !== KeyID)
    throw new SkippedRecord('KeyID and the username in Payload differ')
  return { ...person, secret: readPassword(payload) }
}

/** Reads a document of the service on Kubernetes. */
function readDocument(fields: Fields): LegacyUser {
  const person = check(personSchema, { ...fields, id: findId(fields) })
  return { ...person, secret: fields.salt === undefined ? readPassword(fields) : readDigest(fields) }
}

function readPassword(fields: Fields): LegacySecret {
  const password = check(passwordSchema, fields.password)
  const form = nameHashForm(password)
  if (!form) return { password }
  const advice = SHA1_DIGEST.test(password) ? ': if there is a salt, export it too' : ''
  throw new SkippedRecord(`The password is ${form}, not a password${advice}`)
}

function readDigest(fields: Fields): LegacySecret {
  const password = check(digestSchema, fields.password)
  if (SHA1_DIGEST.test(password)) {
    return { digest: Buffer.from(password, 'hex'), salt: Buffer.from(check(saltSchema, fields.salt)) }
  }
  const form = nameHashForm(password)
  throw new SkippedRecord(`The password is ${form ? `${form}, ` : ''}not the SHA-1 digest that a salt belongs to`)
}

function findId({ _id, id }: Fields): unknown {
  const objectId = readObjectId(_id)
  if (typeof objectId !== 'string') return id
  if (typeof id === 'string' && id !== objectId) throw new SkippedRecord('_id and id differ')
  return objectId
}

function readObjectId(id: unknown): unknown {
  return isFields(id) ? id.$oid : id
}

function requireFields(value: unknown, complaint: string): Fields {
  if (isFields(value)) return value
  throw new SkippedRecord(complaint)
}

function parsePayload(payload: unknown): unknown {
  if (typeof payload !== 'string') return payload
  const content = parseText(payload)
  return 'value' in content ? content.value : undefined
}

function describeKind(kind: unknown): string {
  return typeof kind === 'string' && /^[A-Z]{1,20}$/.test(kind) ? kind : 'another'
}

function check<Output>(schema: z.ZodMiniType<Output>, value: unknown): Output {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  throw new SkippedRecord(error.issues.map(({ message }) => message).join('; '))
}

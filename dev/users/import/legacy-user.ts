/**
 * What the earlier ACME services stored of a user. The service on Kubernetes kept documents in MongoDB, with the SHA-1
 * digest of salt and password; the serverless one kept each user as a string of JSON, with the password as it is, in a
 * table of DynamoDB or a collection of MongoDB. No password, digest or salt may ever leave this file in a message.
 */
import * as z from 'zod/mini'
import { loginRequest, registerRequest, USER_ID } from '../../../src/schemas/requests.ts'

/** By what a person's password is known. */
export type LegacySecret = { password: string } | { digest: Uint8Array; salt: Uint8Array }

/** A user of an earlier service who can be one of this. */
export interface LegacyUser {
  id: string
  username: string
  email: string
  firstname: string
  lastname: string
  secret: LegacySecret
}

/** Why a record is left out, for people. */
export class SkippedRecord extends Error {}

const MAX_SALT_BYTES = 256

const { username, email, firstname, lastname } = registerRequest.shape

/** Names could be left out. */
const optionalName = (name: typeof firstname) =>
  z.pipe(
    z.transform((value) => value || undefined),
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

const digestSchema = z.object({
  password: z
    .string('Password is missing')
    .check(z.regex(/^[0-9a-f]{40}$/i, 'Password is not the SHA-1 digest that a salt belongs to')),
  salt: z
    .pipe(
      z.nullable(z.string('Salt must be a string')),
      z.transform((salt) => salt ?? ''),
    )
    .check(
      z.refine((salt) => salt.isWellFormed(), 'Salt contains characters that are not text'),
      z.refine((salt) => Buffer.byteLength(salt) <= MAX_SALT_BYTES, `Salt is longer than ${MAX_SALT_BYTES} bytes`),
    ),
})

const fieldsSchema = z.record(z.string(), z.unknown(), 'Record is not an object')
type Fields = z.infer<typeof fieldsSchema>

const objectIdSchema = z.object({ $oid: z.string() })

/** Of the values that DynamoDB writes, each under the letter of its type, a user is made of strings and maps alone. */
const textSchema = z.object({ S: z.string() })
const mapSchema = z.object({ M: fieldsSchema })
const exportedSchema = z.object({ Item: fieldsSchema })

const rowSchema = z.object({
  PK: z.string('PK must be a string'),
  SK: z.string('SK is missing'),
  KeyID: z.optional(z.string('KeyID must be a string')),
  Payload: z.pipe(z.transform(parsePayload), z.record(z.string(), z.unknown(), 'Payload is not a user in JSON')),
})

/**
 * Reads a record of an export.
 * @throws {SkippedRecord} with the reason why it can be no user
 */
export function readUser(record: unknown): LegacyUser {
  const fields = unwrap(check(fieldsSchema, record))
  return 'PK' in fields ? readRow(fields) : readDocument(fields)
}

/** The serverless service's: the id is the row's sort key, and the user name its `KeyID`. */
function readRow(fields: Fields): LegacyUser {
  if (fields.PK !== 'USER') throw new SkippedRecord(`Not a user: its PK is ${describeKind(fields.PK)}`)
  const { SK, KeyID, Payload } = check(rowSchema, fields)
  const person = check(personSchema, { id: SK, ...Payload })
  if (person.id !== SK) throw new SkippedRecord('SK and the id in Payload differ')
  if (KeyID !== undefined && person.username !== KeyID)
    throw new SkippedRecord('KeyID and the username in Payload differ')
  return { ...person, secret: { password: check(passwordSchema, Payload.password) } }
}

/** The service's on Kubernetes. */
function readDocument(fields: Fields): LegacyUser {
  const person = check(personSchema, { ...fields, id: findId(fields) })
  if (fields.salt !== undefined) {
    const { password, salt } = check(digestSchema, fields)
    return { ...person, secret: { digest: Buffer.from(password, 'hex'), salt: Buffer.from(salt) } }
  }
  const password = check(passwordSchema, fields.password)
  // Taken for a password, a digest would open the account to whoever has seen it.
  if (digestSchema.shape.password.safeParse(password).success) {
    throw new SkippedRecord('Password looks like a digest, but there is no salt: export that field too')
  }
  return { ...person, secret: { password } }
}

function findId({ _id, id }: Fields): unknown {
  const ids = [objectIdSchema.safeParse(_id).data?.$oid ?? _id, id].filter((value) => typeof value === 'string')
  if (new Set(ids).size > 1) throw new SkippedRecord('_id and id differ')
  return ids[0]
}

/** An item of DynamoDB, from an export or a scan, as plain fields; others are as they are. */
function unwrap(fields: Fields): Fields {
  const item = exportedSchema.safeParse(fields).data?.Item ?? fields
  return textSchema.safeParse(item.PK).success ? unmarshal(item) : item
}

function unmarshal(attributes: Fields): Fields {
  const values = Object.entries(attributes).map(([name, attribute]) => {
    const map = mapSchema.safeParse(attribute).data?.M
    return [name, map ? unmarshal(map) : textSchema.safeParse(attribute).data?.S]
  })
  return Object.fromEntries(values)
}

function parsePayload(payload: unknown): unknown {
  if (typeof payload !== 'string') return payload
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}

function describeKind(kind: unknown): string {
  return typeof kind === 'string' && /^[A-Z]{1,20}$/.test(kind) ? kind : 'another'
}

function check<Output>(schema: z.ZodMiniType<Output>, value: unknown): Output {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  throw new SkippedRecord(error.issues.map(({ message }) => message).join('; '))
}

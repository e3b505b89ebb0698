/** Makes records of the earlier services, and files that hold them. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The digest of `vmware1!` without a salt, as the shop's own seed has it. */
export const SEED_DIGEST = '6837ea9b06409112a824d113927ad74fabc5c76e'

/** Makes a document of the service on Kubernetes. */
export function makeDocument(username: string, changes: object = {}) {
  const id = createHash('sha256').update(username).digest('hex').slice(0, 24)
  const person = { firstname: 'Jane', lastname: 'Doe', email: `${username}@acmefitness.com`, username }
  return { _id: { $oid: id }, ...person, password: SEED_DIGEST, salt: '', ...changes }
}

/** Makes a user of the serverless service, with the password as it was typed. */
export function makePayload(username: string, password: string) {
  const { _id, salt, ...person } = makeDocument(username)
  return { id: `${_id.$oid.slice(0, 8)}-a464-4579-8c6f-34cc617d6fa8`, ...person, password }
}

/** Makes the row of such a user. */
export function makeRow(username: string, password: string) {
  const payload = makePayload(username, password)
  return { PK: 'USER', SK: payload.id, KeyID: username, Payload: JSON.stringify(payload) }
}

/** Writes a row as DynamoDB does. */
export function toDynamo(row: object) {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, { S: value }]))
}

/** Makes a folder for the files of one test file. */
export async function createFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'acme-user-import-'))
  let files = 0
  return {
    folder,
    async write(content: string | Buffer): Promise<string> {
      const path = join(folder, `users-${files++}.json`)
      await writeFile(path, content)
      return path
    },
    remove: () => rm(folder, { recursive: true }),
  }
}

/** The two statements of an import; each takes its batch as arrays, which costs a tenth of a parameter for every value. */
import { type SQL, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { publicColumns, users } from '../../../src/db/schema.ts'
import type { NewUser } from '../../../src/db/users.ts'
import type { User } from '../../../src/schemas/responses.ts'
import { run } from '../database.ts'

/** Users who share an id, a user name or an email address with any of these. */
export async function findCollisions(db: NodePgDatabase, batch: User[]): Promise<User[]> {
  const ids = array(batch, ({ id }) => id)
  const usernames = array(batch, ({ username }) => username.toLowerCase())
  const emails = array(batch, ({ email }) => email.toLowerCase())
  return run(
    db
      .select(publicColumns)
      .from(users)
      .where(
        sql`${users.id} = any(${ids}) OR lower(${users.username}) = any(${usernames}) OR lower(${users.email}) = any(${emails})`,
      ),
  )
}

/** Inserts those in whose way nobody is, and returns their ids. */
export async function insertUsers(db: NodePgDatabase, rows: NewUser[]): Promise<Set<string>> {
  const { rows: inserted } = await run(
    db.execute<{ id: string }>(sql`
      INSERT INTO ${users} (id, username, email, firstname, lastname, password_hash)
      SELECT * FROM unnest(
        ${array(rows, ({ id }) => id)}, ${array(rows, ({ username }) => username)}, ${array(rows, ({ email }) => email)},
        ${array(rows, ({ firstname }) => firstname)}, ${array(rows, ({ lastname }) => lastname)},
        ${array(rows, ({ passwordHash }) => passwordHash)}
      )
      ON CONFLICT DO NOTHING RETURNING id`),
  )
  return new Set(inserted.map(({ id }) => id))
}

function array<Row>(rows: Row[], pick: (row: Row) => string): SQL {
  return sql`${sql.param(rows.map(pick))}::text[]`
}

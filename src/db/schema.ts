/** The tables. `npm run db:generate` turns a change here into a migration. */
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'

/**
 * Text that every server orders and lower-cases byte by byte: the keyset order of ids and the case rule of
 * user names must not depend on the locale that a database was created with.
 */
const asciiText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })

/** People who can log in. */
export const users = pgTable(
  'users',
  {
    /** 24 hex characters that sort by creation time, or the id that an imported user had. */
    id: asciiText('id').primaryKey(),
    /** As typed; unique and looked up in lower case. */
    username: asciiText('username').notNull(),
    /** As typed; unique in lower case. */
    email: asciiText('email').notNull(),
    /** When its person proved to read mail at that address; null where nobody has. To the ms, as proofs name it. */
    emailVerifiedAt: timestamp('email_verified_at', { withTimezone: true, precision: 3 }),
    firstname: text('firstname').notNull(),
    lastname: text('lastname').notNull(),
    /** Names its own scheme and cost, see auth/passwords. */
    passwordHash: text('password_hash').notNull(),
    /**
     * Carried by every token as `gen`: raising it ends all sessions. Random at first, so that no token outlives its
     * user's row.
     */
    generation: bigint('generation', { mode: 'number' }).notNull().default(sql`floor(random() * 2147483648)`),
  },
  (table) => [
    uniqueIndex('users_username_key').on(sql`lower(${table.username})`),
    uniqueIndex('users_email_key').on(sql`lower(${table.email})`),
    check('users_id_check', sql`${table.id} ~ '^[0-9A-Za-z-]{1,64}$'`),
  ],
)

/** The columns of a user that may be shown. */
export const publicColumns = {
  username: users.username,
  email: users.email,
  firstname: users.firstname,
  lastname: users.lastname,
  id: users.id,
}

/**
 * Sessions that have rotated or ended. Any other session has no row, only its tokens. Logout and refresh write the same
 * row, so that PostgreSQL decides which of two came first.
 */
export const sessions = pgTable(
  'sessions',
  {
    /** The `sid` of its tokens. */
    sid: asciiText('sid').primaryKey(),
    userId: asciiText('user_id').notNull(),
    /** The `rot` of the one refresh token that has not been spent. */
    rotation: integer('rotation').notNull(),
    /** When that token was first issued, by the database's clock: from then on its predecessor is in its grace. */
    rotatedAt: timestamp('rotated_at', { withTimezone: true }).notNull(),
    /** How often a spent token was used within its grace: by a retry, another tab, or somebody beside the owner. */
    graceUses: integer('grace_uses').notNull().default(0),
    ended: boolean('ended').notNull(),
    /** After this instant no token of the session can be valid, and the row means nothing. Only ever grows. */
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (table) => [index('sessions_expires_at_idx').on(table.expiresAt)],
)

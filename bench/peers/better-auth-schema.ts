/** The tables that better-auth asks for, with the indices that its documentation recommends. */
import { relations } from 'drizzle-orm'
import { boolean, index, pgSchema, text, timestamp } from 'drizzle-orm/pg-core'

/** A schema of its own, so that none of its tables can meet one of the service's. */
export const betterAuth = pgSchema('better_auth')

const row = {
  id: text('id').primaryKey(),
  createdAt: timestamp('created_at').defaultNow().notNull(),
  updatedAt: timestamp('updated_at').defaultNow().notNull(),
}

/** People. */
export const user = betterAuth.table('user', {
  ...row,
  email: text('email').notNull().unique(),
  emailVerified: boolean('email_verified').default(false).notNull(),
  name: text('name').notNull(),
  image: text('image'),
})

const person = {
  userId: text('user_id')
    .notNull()
    .references(() => user.id, { onDelete: 'cascade' }),
}

/** Sessions; the token is the one in the cookie. */
export const session = betterAuth.table(
  'session',
  {
    ...row,
    ...person,
    token: text('token').notNull().unique(),
    expiresAt: timestamp('expires_at').notNull(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
  },
  ({ userId }) => [index('session_user_id').on(userId)],
)

/** Ways to sign in: here a password, by its hash. */
export const account = betterAuth.table(
  'account',
  {
    ...row,
    ...person,
    providerId: text('provider_id').notNull(),
    accountId: text('account_id').notNull(),
    password: text('password'),
    scope: text('scope'),
    idToken: text('id_token'),
    accessToken: text('access_token'),
    accessTokenExpiresAt: timestamp('access_token_expires_at'),
    refreshToken: text('refresh_token'),
    refreshTokenExpiresAt: timestamp('refresh_token_expires_at'),
  },
  ({ userId }) => [index('account_user_id').on(userId)],
)

/** Codes that were sent to somebody: none here, but it does not start without the table. */
export const verification = betterAuth.table(
  'verification',
  {
    ...row,
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: timestamp('expires_at').notNull(),
  },
  ({ identifier }) => [index('verification_identifier').on(identifier)],
)

/** The keys that sign the tokens of `GET /token`. */
export const jwks = betterAuth.table('jwks', {
  id: text('id').primaryKey(),
  publicKey: text('public_key').notNull(),
  privateKey: text('private_key').notNull(),
  alg: text('alg'),
  crv: text('crv'),
  createdAt: timestamp('created_at').notNull(),
  expiresAt: timestamp('expires_at'),
})

/** A person's rows, for reads that join tables. */
export const userRelations = relations(user, ({ many }) => ({ sessions: many(session), accounts: many(account) }))

/** A session's person. */
export const sessionRelations = relations(session, ({ one }) => ({
  user: one(user, { fields: [session.userId], references: [user.id] }),
}))

/** An account's person. */
export const accountRelations = relations(account, ({ one }) => ({
  user: one(user, { fields: [account.userId], references: [user.id] }),
}))

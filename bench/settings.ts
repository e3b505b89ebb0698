/** The service's settings in every run, with keys made for it. */
import { randomBytes } from 'node:crypto'

/** The settings of every Worker. Each row adds those that it needs. */
export const SETTINGS = {
  DATABASE_URL: 'postgres://nobody:password@localhost:1/none',
  ACCESS_TOKEN_KEY: randomBytes(32).toString('base64url'),
  REFRESH_TOKEN_KEY: randomBytes(32).toString('base64url'),
  // Tokens outlive the run.
  ACCESS_TOKEN_SECONDS: '86400',
  REFRESH_TOKEN_SECONDS: '86400',
  // The same as in the container.
  ADDRESS_HEADER: 'none',
}

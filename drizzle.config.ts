import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema.ts',
  out: './migrations',
  dbCredentials: {
    url:
      process.env.MIGRATION_DATABASE_URL || process.env.DATABASE_URL || 'postgres://postgres@localhost:5488/postgres',
  },
})

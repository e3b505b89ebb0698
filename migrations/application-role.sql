-- The role that the service runs as. It may run the statements in src/db/, for five seconds each, and nothing else.
--
-- Run this as the owner of the tables, after the migrations:
--
--   npm run -s db:role | npx wrangler secret put DATABASE_URL --env ""
--
-- or with psql, which Neon takes too, and a password that you keep:
--
--   psql "$MIGRATION_DATABASE_URL" -v ON_ERROR_STOP=1 -v password="$(openssl rand -hex 24)" \
--     -f migrations/application-role.sql
--
-- It can be run again: the password is then the new one, and the rights are these. On Neon, do not make the role in the
-- console: roles made there are members of neon_superuser.
--
-- Nothing is granted by default. A migration that adds a table, or a column that is updated, ends with its own grant,
-- and the same one is added here:
--
--   DO $$ BEGIN
--     IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'user_service') THEN GRANT SELECT ON … TO user_service; END IF;
--   END $$;

BEGIN;

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'user_service') THEN CREATE ROLE user_service; END IF;
END $$;
ALTER ROLE user_service LOGIN PASSWORD :'password';

-- A request that is given up does not stop its statement: the server must. This covers waiting for locks; with a
-- lock_timeout the service would meet another SQLSTATE than 57014, which it answers with 503.
ALTER ROLE user_service SET statement_timeout = '5s';
ALTER ROLE user_service SET idle_in_transaction_session_timeout = '5s';

-- What everybody may do: create in public before PostgreSQL 15, and fill the disk with temporary tables.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
DO $$ BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO user_service', current_database());
END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM user_service;
GRANT USAGE ON SCHEMA public TO user_service;
-- Nobody's id or user name changes, and no session changes hands.
GRANT SELECT, INSERT, DELETE, UPDATE (email, firstname, lastname, password_hash, generation) ON public.users
  TO user_service;
GRANT SELECT, INSERT, DELETE, UPDATE (rotation, rotated_at, grace_uses, ended, expires_at) ON public.sessions
  TO user_service;

-- A role that was there before may have more than this.
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'user_service'
      AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls))
    OR EXISTS (SELECT FROM pg_auth_members WHERE member = 'user_service'::regrole)
    OR EXISTS (SELECT FROM pg_tables WHERE tableowner = 'user_service')
    OR has_schema_privilege('user_service', 'public', 'CREATE')
    OR has_database_privilege('user_service', current_database(), 'CREATE, TEMPORARY')
  THEN RAISE EXCEPTION 'user_service has rights from elsewhere: drop it, or take them away, and run this again';
  END IF;
END $$;

COMMIT;

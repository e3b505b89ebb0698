-- Makes the role that the service runs as. It may run the statements in src/db/, for five seconds each, and little else.
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
-- You can run it again: it sets a new password, and restores these rights and settings. On Neon, do not make the role in
-- the console, because roles made there are members of neon_superuser.
--
-- Nothing is granted by default. A migration that adds a table, or a column that is updated, ends with its own grant,
-- and the same one is added here:
--
--   DO $$ BEGIN
--     IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'user_service') THEN GRANT SELECT ON … TO user_service; END IF;
--   END $$;
--
-- PostgreSQL lets every role do the following, and so this one too:
--
--   It may change its own settings and its own password for good, and nothing can take that away. So the timeouts below
--   end statements that the service has given up, but do not stop somebody who has stolen the password. To stop them,
--   the owner runs this again, which undoes both, and pg_terminate_backend().
--   It may connect to the server's other databases, and create large objects. A warning says so if it may.

BEGIN;

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'user_service') THEN CREATE ROLE user_service; END IF;
END $$;

-- An older role may have more rights than these. It must own nothing, because DROP OWNED would drop that.
DO $$
DECLARE obstacles text;
BEGIN
  SELECT string_agg(DISTINCT what, ', ') INTO obstacles FROM (
    SELECT 'the attribute ' || attribute FROM pg_roles, LATERAL (VALUES ('SUPERUSER', rolsuper),
      ('CREATEROLE', rolcreaterole), ('CREATEDB', rolcreatedb), ('REPLICATION', rolreplication),
      ('BYPASSRLS', rolbypassrls)) AS attributes (attribute, has) WHERE rolname = 'user_service' AND has
    UNION ALL
    SELECT 'membership in ' || roleid::regrole FROM pg_auth_members WHERE member = 'user_service'::regrole
    UNION ALL
    SELECT CASE WHEN datname <> current_database() THEN 'something in the database ' || datname
      ELSE 'ownership of ' || pg_describe_object(classid, objid, objsubid) END
    FROM pg_shdepend LEFT JOIN pg_database ON pg_database.oid = dbid
    WHERE refclassid = 'pg_authid'::regclass AND refobjid = 'user_service'::regrole
      AND (deptype = 'o' OR datname <> current_database())
  ) AS found (what);
  IF obstacles IS NOT NULL THEN
    RAISE EXCEPTION 'user_service has rights from elsewhere: %. Take them away, or drop the role, and run this again', obstacles;
  END IF;
END $$;

-- This takes away every grant that it has. Only a member of the role may do that.
GRANT user_service TO CURRENT_USER;
DROP OWNED BY user_service;
REVOKE user_service FROM CURRENT_USER;

ALTER ROLE user_service LOGIN PASSWORD :'password';

-- The settings that the role has in one database go first, because they override the role's own.
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT datname FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase
    WHERE setrole = 'user_service'::regrole
  LOOP EXECUTE format('ALTER ROLE user_service IN DATABASE %I RESET ALL', name); END LOOP;
END $$;
ALTER ROLE user_service RESET ALL;
-- The server must stop statements, because a request that is given up does not. This covers waiting for locks: a
-- lock_timeout would raise another SQLSTATE than 57014, which the service answers with 503.
ALTER ROLE user_service SET statement_timeout = '5s';
ALTER ROLE user_service SET idle_in_transaction_session_timeout = '5s';

-- Everybody may create in public before PostgreSQL 15, and fill the disk with temporary tables and large objects. This
-- forbids it. Only a superuser may forbid the last.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
DO $$ BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO user_service', current_database());
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;
  END IF;
END $$;

GRANT USAGE ON SCHEMA public TO user_service;
-- No statement changes an id, a user name or the user of a session.
GRANT SELECT, INSERT, DELETE, UPDATE (email, email_verified_at, firstname, lastname, password_hash, generation) ON public.users
  TO user_service;
GRANT SELECT, INSERT, DELETE, UPDATE (rotation, rotated_at, grace_uses, ended, expires_at) ON public.sessions
  TO user_service;

-- This refuses grants of its own that are left, and grants to everybody: on tables, columns and large objects, to create
-- in a schema, to run a function as its owner, or on objects that will be made. It leaves out extensions and PostgreSQL's
-- own objects, whose makers want their grants.
DO $$
DECLARE obstacles text;
BEGIN
  WITH of_extensions AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
  schemas AS (
    SELECT * FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
      AND has_schema_privilege('user_service', oid, 'USAGE')
  ),
  relations AS (
    SELECT pg_class.* FROM pg_class JOIN schemas ON schemas.oid = relnamespace
    WHERE ('pg_class'::regclass, pg_class.oid) NOT IN (TABLE of_extensions)
  )
  SELECT string_agg(DISTINCT what, ', ') INTO obstacles FROM (
    SELECT 'a grant on ' || pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
    WHERE refclassid = 'pg_authid'::regclass AND refobjid = 'user_service'::regrole AND deptype = 'a'
      AND NOT (classid = 'pg_database'::regclass AND objid = (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND NOT (classid = 'pg_namespace'::regclass AND objid = 'public'::regnamespace)
      AND NOT (classid = 'pg_class'::regclass AND objid IN ('public.users'::regclass, 'public.sessions'::regclass))
    UNION ALL
    SELECT format('%s on %s, like everybody', privilege_type, relations.oid::regclass)
    FROM relations, aclexplode(relacl) WHERE grantee = 0
    UNION ALL
    SELECT format('%s on %s.%s, like everybody', privilege_type, relations.oid::regclass, attname)
    FROM relations JOIN pg_attribute ON attrelid = relations.oid, aclexplode(attacl) WHERE grantee = 0
    UNION ALL
    SELECT format('%s on large object %s, like everybody', privilege_type, pg_largeobject_metadata.oid)
    FROM pg_largeobject_metadata, aclexplode(lomacl) WHERE grantee = 0
    UNION ALL
    SELECT 'CREATE in the schema ' || nspname FROM schemas WHERE has_schema_privilege('user_service', oid, 'CREATE')
    UNION ALL
    SELECT format('EXECUTE of %s as its owner, like everybody', pg_proc.oid::regprocedure)
    FROM pg_proc JOIN schemas ON schemas.oid = pronamespace
    WHERE prosecdef AND prorettype <> 'trigger'::regtype AND has_function_privilege('user_service', pg_proc.oid, 'EXECUTE')
      AND ('pg_proc'::regclass, pg_proc.oid) NOT IN (TABLE of_extensions)
    UNION ALL
    SELECT format('%s on whatever %s makes, like everybody', privilege_type, defaclrole::regrole)
    FROM pg_default_acl, aclexplode(defaclacl) WHERE grantee = 0 AND defaclobjtype NOT IN ('f', 'T')
    UNION ALL
    SELECT 'CREATE or TEMPORARY on the database'
    WHERE has_database_privilege('user_service', current_database(), 'CREATE, TEMPORARY')
  ) AS found (what);
  IF obstacles IS NOT NULL THEN
    RAISE EXCEPTION 'user_service has rights from elsewhere: %. Take them away, or drop the role, and run this again', obstacles;
  END IF;
END $$;

-- This warns of rights that cannot be taken from this role alone, and that others may need.
DO $$
DECLARE databases text;
BEGIN
  SELECT string_agg(datname, ', ' ORDER BY datname) INTO databases FROM pg_database
  WHERE datallowconn AND datname <> current_database() AND has_database_privilege('user_service', oid, 'CONNECT');
  IF databases IS NOT NULL THEN
    RAISE WARNING 'user_service may connect to the other databases of this server, as everybody may: %', databases;
  END IF;
  IF has_function_privilege('user_service', 'lo_create(oid)', 'EXECUTE') THEN
    RAISE WARNING 'user_service may create large objects, as everybody may: only a superuser can forbid that';
  END IF;
END $$;

COMMIT;

ALTER TABLE "users" ADD COLUMN "email_verified_at" timestamp (3) with time zone;--> statement-breakpoint
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'user_service') THEN GRANT UPDATE (email_verified_at) ON "users" TO user_service; END IF;
END $$;

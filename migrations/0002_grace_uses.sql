ALTER TABLE "sessions" ADD COLUMN "grace_uses" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'user_service') THEN GRANT UPDATE (grace_uses) ON "sessions" TO user_service; END IF;
END $$;

CREATE TABLE "sessions" (
	"sid" text COLLATE "C" PRIMARY KEY NOT NULL,
	"user_id" text COLLATE "C" NOT NULL,
	"rotation" integer NOT NULL,
	"rotated_at" timestamp with time zone NOT NULL,
	"ended" boolean NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "sessions_expires_at_idx" ON "sessions" USING btree ("expires_at");
#!/bin/sh
# @electric-sql/pglite 0.5.14, Node 20 or newer.
#
# In PostgreSQL DISCARD ALL gives a session its own user back, and so does RESET SESSION AUTHORIZATION. Poolers send the
# first for the next client. In PGlite both report success, but leave the user that SET SESSION AUTHORIZATION has set.
# DISCARD ALL does reset the search_path. Only SET SESSION AUTHORIZATION with the user's name restores the user. Seen
# (session user, search_path):
#
#   at first:                           postgres public
#   changed:                            somebody elsewhere
#   DISCARD ALL:                        somebody public
#   RESET SESSION AUTHORIZATION:        somebody public
#   SET SESSION AUTHORIZATION postgres: postgres public
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.14
cat > run.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite'

const db = await PGlite.create()
const show = async (when) => {
  const { rows } = await db.query(`SELECT session_user AS name, current_setting('search_path') AS path`)
  console.log(when, rows[0].name, rows[0].path)
}
await show('at first:                          ')
await db.exec('CREATE ROLE somebody; SET SESSION AUTHORIZATION somebody; SET search_path = elsewhere')
await show('changed:                           ')
for (const sql of ['DISCARD ALL', 'RESET SESSION AUTHORIZATION', 'SET SESSION AUTHORIZATION postgres']) {
  await db.exec(sql)
  await show(`${sql}:`.padEnd(35))
}
await db.close()
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = 'at first:                           postgres public
changed:                            somebody elsewhere
DISCARD ALL:                        somebody public
RESET SESSION AUTHORIZATION:        somebody public
SET SESSION AUTHORIZATION postgres: postgres public'

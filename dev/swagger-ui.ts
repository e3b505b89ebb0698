/** `npm ci` runs this at its end: puts the parts of Swagger UI that the documentation page loads into `public/`. */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const installed = join(import.meta.dirname, '../node_modules/swagger-ui-dist')
const served = join(import.meta.dirname, '../public/swagger-ui')

/** By their names in `public/`. Whoever passes Swagger UI on must pass its licences on too. */
const files = {
  'swagger-ui.css': 'swagger-ui.css',
  'swagger-ui-bundle.js': 'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt': 'swagger-ui-bundle.js.LICENSE.txt',
  'LICENSE.txt': 'LICENSE',
  'NOTICE.txt': 'NOTICE',
}

rmSync(served, { recursive: true, force: true })
for (const [name, source] of Object.entries(files)) cpSync(join(installed, source), join(served, name))

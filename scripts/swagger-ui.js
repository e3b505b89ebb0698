/**
 * `npm ci` runs this at its end. It puts the parts of Swagger UI that the documentation page loads into `public/`. It
 * is plain JavaScript, because without the development packages it runs on the Node that started npm.
 */
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const installed = new URL('../node_modules/swagger-ui-dist/', import.meta.url)
const served = new URL('../public/swagger-ui/', import.meta.url)

/** The parts, by their names in `public/`. The licences are served too, because they must go with Swagger UI. */
const sources = new Map([
  ['swagger-ui.css', 'swagger-ui.css'],
  ['swagger-ui-bundle.js', 'swagger-ui-bundle.js'],
  ['swagger-ui-bundle.js.LICENSE.txt', 'swagger-ui-bundle.js.LICENSE.txt'],
  ['LICENSE.txt', 'LICENSE'],
  ['NOTICE.txt', 'NOTICE'],
])

if (existsSync(installed)) {
  for (const [name, source] of sources) cpSync(new URL(source, installed), new URL(name, served))
  const leftOver = readdirSync(served).filter((name) => !sources.has(name))
  for (const name of leftOver) rmSync(new URL(name, served), { recursive: true })
} else {
  console.log(`${fileURLToPath(served)} stays as it is: swagger-ui-dist is not installed`)
}

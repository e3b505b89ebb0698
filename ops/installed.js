/**
 * Loaded before every command of this folder: names what `npm ci` has not brought, and then lets Node load the rest fast.
 * Plain JavaScript, for the Node 24 that runs TypeScript may be what is missing.
 */
import { existsSync, readFileSync } from 'node:fs'

const project = new URL('../', import.meta.url)

const { dependencies, devDependencies } = JSON.parse(readFileSync(new URL('package.json', project), 'utf8'))
const packages = Object.keys({ ...dependencies, ...devDependencies }).filter(
  (name) => !existsSync(new URL(`node_modules/${name}/package.json`, project)),
)

const missing = [
  ...(Number.parseInt(process.versions.node, 10) < 24 ? ['Node 24'] : []),
  ...(packages.length > 3 ? [`${packages.length} packages (${packages.slice(0, 3).join(', ')}, …)`] : packages),
  ...(existsSync(new URL('public/swagger-ui/swagger-ui-bundle.js', project)) ? [] : ['public/swagger-ui']),
]

if (missing.length > 0) {
  console.error(`Not all is installed, ${missing.join(' and ')} missing. This brings it, whatever npm was told before:

  npm ci --include=dev --ignore-scripts=false`)
  process.exit(1)
}

await import('./fast-loading.js')

/**
 * Runs before every command: names what `npm ci` has not installed, and then makes Node load the rest faster. It is
 * plain JavaScript, because the Node 24 that runs TypeScript may be missing.
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
  console.error(`The installation lacks ${missing.join(' and ')}. This installs all of it, whatever npm's settings say:

  npm ci --include=dev --ignore-scripts=false`)
  process.exit(1)
}

await import('./fast-loading.js')

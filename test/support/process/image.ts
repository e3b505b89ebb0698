/**
 * Makes the container's image without an engine: it copies and runs what the Dockerfile's stages do, in temporary
 * folders. The base images are this machine, and the packages are the installed ones.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const project = join(import.meta.dirname, '../../..')

/** An instruction of the Dockerfile: its keyword and all that follows, on one line. */
export interface Instruction {
  keyword: string
  value: string
}

/** A stage of the Dockerfile: the instructions from one FROM to the next. */
export interface Stage {
  base: string
  /** What it is called after AS; the last stage is the image. */
  name: string
  instructions: Instruction[]
}

/** An image laid out; `root` has only what its own stage put there. */
export interface Image {
  root: string
  workdir: string
  entrypoint: string[]
}

/** Reads the Dockerfile. */
export function readStages(): Stage[] {
  const text = readFileSync(join(project, 'Dockerfile'), 'utf8').replaceAll(/\\\n\s*/g, '')
  const stages: Stage[] = []
  for (const line of text.split('\n')) {
    const [, keyword, value] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    if (keyword === undefined || value === undefined) continue
    const [base = '', , name = 'image'] = value.split(' ')
    if (keyword === 'FROM') stages.push({ base, name, instructions: [] })
    else stages.at(-1)?.instructions.push({ keyword, value })
  }
  return stages
}

/** The values of one kind of instruction in a stage. */
export function valuesOf(stage: Stage | undefined, keyword: string): string[] {
  return (stage?.instructions ?? []).filter((found) => found.keyword === keyword).map(({ value }) => value)
}

/** The parts of a COPY; `from` is a stage, or undefined for the project. */
export function parseCopy(value: string): { from: string | undefined; sources: string[]; target: string } {
  const words = value.split(' ')
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined
  return { from, sources: words.slice(0, -1), target: words.at(-1) ?? '' }
}

/** Carries out the Dockerfile. */
export async function buildImage(): Promise<Image & { remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'acme-user-image-'))
  const stages = readStages()
  for (const stage of stages) await buildStage(folder, stage)
  const image = stages.at(-1)
  return {
    root: join(folder, 'image'),
    workdir: join(folder, 'image', valuesOf(image, 'WORKDIR')[0] ?? ''),
    entrypoint: JSON.parse(valuesOf(image, 'ENTRYPOINT')[0] ?? '[]'),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function buildStage(folder: string, { name, instructions }: Stage): Promise<void> {
  const root = join(folder, name)
  let workdir = '/'
  for (const { keyword, value } of instructions) {
    if (keyword === 'WORKDIR') workdir = value
    if (keyword === 'COPY') await copy(folder, (target) => join(root, resolve(workdir, target)), value)
    if (keyword === 'RUN') await runIn(join(root, workdir), value)
  }
}

/** Copies as Docker does: a folder's content goes to the target, a file into a target that ends in a slash. */
async function copy(folder: string, locate: (target: string) => string, value: string): Promise<void> {
  const { from, sources, target } = parseCopy(value)
  for (const source of sources.map((path) => join(from ? join(folder, from) : project, path))) {
    const isInto = target.endsWith('/') && (await stat(source)).isFile()
    const path = isInto ? join(locate(target), basename(source)) : locate(target)
    await mkdir(dirname(path), { recursive: true })
    await cp(source, path, { recursive: true })
  }
}

async function runIn(folder: string, command: string): Promise<void> {
  if (command === 'npm ci') await symlink(join(project, 'node_modules'), join(folder, 'node_modules'))
  // At its end npm ci runs that script.
  await promisify(execFile)('sh', ['-c', command === 'npm ci' ? 'npm run prepare' : command], { cwd: folder })
}

/** One run of the benchmark: its length, and the Workers and the database that its rows share. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOn } from '../test/support/process/postgres.ts'
import { buildWorker, type WorkerName } from './build.ts'
import { type BenchDatabase, startDatabase } from './database.ts'
import { insertUsers, KNOWN_USERS } from './people.ts'
import { SETTINGS } from './settings.ts'
import { startWorkerd, type Workerd } from './workerd.ts'

/** Options of a run, from the command line. */
export interface RunOptions {
  rounds: number
  /** The time that each side of a round is under load. */
  seconds: number
  /** Shows what is happening now. */
  tell(text: string): void
}

/** A run. It builds Workers and starts the database when a row first asks for them. */
export class Run {
  readonly options: RunOptions
  readonly #folder = mkdtempSync(join(tmpdir(), 'acme-user-bench-'))
  readonly #builds = new Map<WorkerName, Promise<string>>()
  readonly #workers: Workerd[] = []
  #database: Promise<BenchDatabase> | undefined

  constructor(options: RunOptions) {
    this.options = options
    process.once('exit', () => rmSync(this.#folder, { recursive: true, force: true }))
  }

  /** Builds a Worker; returns the path of its configuration for workerd. */
  build(name: WorkerName): Promise<string> {
    const known = this.#builds.get(name)
    if (known) return known
    this.options.tell(`building ${name}`)
    const build = buildWorker(this.#folder, name)
    this.#builds.set(name, build)
    return build
  }

  /** Serves a Worker, with settings beside `SETTINGS`. */
  async start(name: WorkerName, settings: Record<string, string> = {}): Promise<Workerd> {
    const workerd = await startWorkerd(await this.build(name), { ...SETTINGS, ...settings })
    this.#workers.push(workerd)
    return workerd
  }

  /** Ends every Worker that was started, so that the next row has the machine to itself. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((workerd) => workerd.stop()))
  }

  /** Returns the URL of a database with the known users, for the Worker's driver and for `pg`. */
  async openDatabase(): Promise<string> {
    this.#database ??= this.#prepareDatabase()
    return (await this.#database).url
  }

  async close(): Promise<void> {
    await this.stopWorkers()
    await (await this.#database)?.stop()
  }

  async #prepareDatabase(): Promise<BenchDatabase> {
    this.options.tell('starting PostgreSQL')
    const database = await startDatabase()
    await runOn(database.url, insertUsers(1, KNOWN_USERS))
    return database
  }
}

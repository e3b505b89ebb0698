/**
 * `npm run bench:soak`: a shop's mix of calls for a long time, at a share of what bare workerd and a real PostgreSQL can
 * serve. It shows whether memory, answers and the rows of sessions stay as they should.
 */
import { setTimeout } from 'node:timers/promises'
import { Command } from 'commander'
import { runCommand } from '../ops/terminal.ts'
import { loadConfig } from '../src/config.ts'
import { openStore } from '../src/db/client.ts'
import { purgeSessions } from '../src/db/sessions.ts'
import { runOn } from '../test/support/process/postgres.ts'
import { toCount } from './count.ts'
import { rank } from './load.ts'
import { formatNumber } from './outcome.ts'
import { tell } from './progress.ts'
import { writeTable } from './report.ts'
import { Run } from './run.ts'
import { SETTINGS } from './settings.ts'
import { Shop } from './shop.ts'

const CAPACITY_SECONDS = 30
/** The share of its capacity that the service gives. */
const SHARE = 0.7
const PURGE_MS = 30_000
/** The lifetimes of tokens. They are short, so that sessions expire and their rows are purged within the time. */
const ACCESS_SECONDS = 60
const REFRESH_SECONDS = 120
/** How long a row means something after a session's last rotation: both lifetimes, and 60 s for clocks that differ. */
const ROW_SECONDS = ACCESS_SECONDS + REFRESH_SECONDS + 60

await runCommand(async (stopped) => {
  const program = new Command('npm run bench:soak --')
    .description(
      `Serves a mix of calls at ${SHARE * 100}% of what the service can do, and prints what changes meanwhile.`,
    )
    .option('--minutes <N>', 'how long', toCount, 20)
    .showHelpAfterError('--help explains the flags')
    .action(async ({ minutes }: { minutes: number }) =>
      Promise.race([soak(minutes), stopped.then(() => process.exit(130))]),
    )
  await program.parseAsync()
  return 0
})

async function soak(minutes: number): Promise<void> {
  const run = new Run({ rounds: 1, seconds: CAPACITY_SECONDS, tell })
  const DATABASE_URL = await run.openDatabase()
  const settings = {
    DATABASE_URL,
    ACCESS_TOKEN_SECONDS: String(ACCESS_SECONDS),
    REFRESH_TOKEN_SECONDS: String(REFRESH_SECONDS),
    REFRESH_ROTATION: 'on',
  }
  const workerd = await run.start('service', settings)

  tell('registering people')
  const trial = await Shop.open(workerd)
  tell('finding out what the service can do')
  const capacity = await trial.useUp(CAPACITY_SECONDS)
  const rate = SHARE * capacity
  console.log(`${formatNumber(capacity)} calls a second at most, and ${formatNumber(rate)} from now on\n`)

  const shop = await Shop.open(workerd)
  const store = openStore(loadConfig({ ...SETTINGS, ...settings }).database, 30_000)
  const purge = setInterval(() => void purgeSessions(store), PURGE_MS)
  const served = shop.serve(rate, minutes * 60)
  const moments: string[][] = []
  for (let minute = 1; minute <= minutes; minute++) {
    await setTimeout(60_000)
    tell(`minute ${minute} of ${minutes}`)
    const { rows } = await runOn(DATABASE_URL, 'SELECT count(*)::int AS count FROM sessions')
    const memory = await workerd.readMemory()
    const figures = [minute, memory?.now, memory?.peak, rows[0].count, shop.expectRows(ROW_SECONDS), shop.faults.length]
    moments.push(figures.map((figure) => (figure === undefined ? '–' : formatNumber(figure))))
  }
  await served
  clearInterval(purge)
  await run.close()
  tell('done')
  const calls = Object.entries(shop.durations).map(([call, durations]) => {
    const { p50, p99 } = rank(durations)
    return [call, ...[durations.length, p50, p99].map(formatNumber)]
  })
  console.log(writeTable(['minute', 'memory MiB', 'peak MiB', 'rows of sessions', 'by the formula', 'faults'], moments))
  console.log(`\n${writeTable(['call', 'calls', 'p50 ms', 'p99 ms'], calls)}`)
  for (const fault of new Set(shop.faults)) console.log(fault)
}

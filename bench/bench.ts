/**
 * `npm run bench`: measures the service beside baselines that it cannot beat, and on demand beside a peer, on bare
 * workerd and a real PostgreSQL.
 */
import { writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { runCommand } from '../ops/terminal.ts'
import { toCount } from './count.ts'
import type { Outcome } from './outcome.ts'
import { installPeer, PEER } from './peer.ts'
import { tell } from './progress.ts'
import { writeReport } from './report.ts'
import { measureList } from './rows/list.ts'
import { measureLogin, measureLoginAlone, measureVerifyDuringLogins } from './rows/login.ts'
import { measurePeer } from './rows/peer.ts'
import { measureRotation } from './rows/rotation.ts'
import { measureFirstAnswer, measureStartUp } from './rows/start-up.ts'
import { measureGetUser, measureRefresh, measureRegister } from './rows/statements.ts'
import { measureVerifyToken } from './rows/verify-token.ts'
import { Run } from './run.ts'

const rows: Record<string, (run: Run, users: number) => Promise<Outcome[]>> = {
  'start-up': measureStartUp,
  'first-answer': measureFirstAnswer,
  'verify-token': measureVerifyToken,
  login: measureLogin,
  'login-alone': measureLoginAlone,
  'verify-during-logins': measureVerifyDuringLogins,
  'get-user': measureGetUser,
  register: measureRegister,
  refresh: measureRefresh,
  'refresh-rotation': measureRotation,
  peer: measurePeer,
  // The list comes last, because it adds many users.
  list: measureList,
}

interface Flags {
  rounds: number
  seconds: number
  users: number
  peer?: true
  only?: string
  output?: string
}

await runCommand(async (stopped) => {
  const program = new Command('npm run bench --')
    .description('Measures the service beside baselines that it cannot beat, in one run, and prints how they compare.')
    .option('--rounds <N>', 'rounds that count; each row has one more, to warm up', toCount, 5)
    .option('--seconds <N>', 'how long each side of a round is under load', toCount, 5)
    .option('--users <N>', 'how many users the list has', toCount, 1_000_000)
    .option('--peer', `${PEER} is measured too, and installed in a folder of its own`)
    .addOption(new Option('--only <NAME>', 'measure only this row').choices(Object.keys(rows)))
    .option('--output <FILE>', 'the file for the results (default: bench/results.md, if all rows were measured)')
    .showHelpAfterError('--help explains the flags')
    .action(async (flags: Flags) => Promise.race([bench(flags), stopped.then(() => process.exit(130))]))
  await program.parseAsync()
  return 0
})

async function bench({ rounds, seconds, users, peer, only, output }: Flags): Promise<void> {
  const chosen = Object.entries(rows).filter(([name]) => (only ? name === only : peer || name !== 'peer'))
  if (chosen.some(([name]) => name === 'peer')) {
    tell(`installing ${PEER}`)
    await installPeer()
  }
  const run = new Run({ rounds, seconds, tell })
  const outcomes: Outcome[] = []
  for (const [, measure] of chosen) {
    outcomes.push(...(await measure(run, users)))
    await run.stopWorkers()
  }
  await run.close()
  tell('done')
  const report = await writeReport(run.options, outcomes)
  console.log(`\n${report}`)
  const path = output ?? (only === undefined ? 'bench/results.md' : undefined)
  if (path !== undefined) await writeFile(path, report)
}
